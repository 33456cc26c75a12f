/** The 3D picture of a part, in three.js: drawn only when something changes. Loaded when a viewer is first shown. */
import {
  AmbientLight,
  BackSide,
  Box3,
  BoxGeometry,
  BufferAttribute,
  BufferGeometry,
  Color,
  DirectionalLight,
  DoubleSide,
  EdgesGeometry,
  Group,
  LineBasicMaterial,
  LineSegments,
  type Material,
  Mesh,
  MeshBasicMaterial,
  MeshLambertMaterial,
  type Object3D,
  PerspectiveCamera,
  Plane,
  Points,
  PointsMaterial,
  Raycaster,
  Scene,
  Vector2,
  Vector3,
  WebGLRenderer,
} from 'three'
import { OrbitControls } from 'three/addons/controls/OrbitControls.js'
import { gridLines } from './grid.ts'
import type { Triangles } from './mesh-worker.ts'

export type Axis = 'x' | 'y' | 'z'
export type Side = 'iso' | 'top' | 'front' | 'right'

export interface Highlight {
  /** Numbers of triangles. */
  readonly faces: readonly number[]
  /** Along edges: two points each, six numbers. */
  readonly lines: readonly number[]
}

export interface Picture {
  readonly show: (triangles: Triangles) => void
  /** `dark`: the page is dark. `color`: of the material, `#rrggbb`. */
  readonly dress: (look: { readonly dark: boolean; readonly color: string }) => void
  readonly highlight: (places: readonly Highlight[]) => void
  /** `share` of the size from its low end; undefined: whole. */
  readonly cut: (section: { readonly axis: Axis; readonly share: number } | undefined) => void
  readonly plate: (size: { readonly x: number; readonly y: number } | undefined) => void
  readonly view: (side: Side) => void
  readonly turn: (right: number, up: number) => void
  readonly zoom: (factor: number) => void
  /** The point of the part at a place of the picture, from −1 to 1; undefined where there is none. */
  readonly pick: (x: number, y: number) => Vector3 | undefined
  readonly marks: (points: readonly Vector3[]) => void
  readonly stop: () => void
}

const sides: Readonly<Record<Side, Vector3>> = {
  iso: new Vector3(0.9, -1.2, 0.75),
  top: new Vector3(0, -0.0001, 1),
  front: new Vector3(0, -1, 0),
  right: new Vector3(1, 0, 0),
}

/** Lightness, in the linear colours that three.js reckons with. */
const DARKEST = 0.07

/** Begins to draw on `canvas`. Throws where the browser has no WebGL. */
export function createPicture(canvas: HTMLCanvasElement): Picture {
  const renderer = new WebGLRenderer({ canvas, antialias: true, alpha: true })
  renderer.setPixelRatio(Math.min(2, devicePixelRatio))
  renderer.localClippingEnabled = true
  const scene = new Scene()
  const camera = new PerspectiveCamera(35, 1, 0.1, 10_000)
  camera.up.set(0, 0, 1)
  const light = new DirectionalLight('#ffffff', 2.2)
  camera.add(light)
  light.position.set(0.4, 0.6, 1)
  scene.add(camera, new AmbientLight('#ffffff', 1.1))

  const plane = new Plane(new Vector3(-1, 0, 0), 0)
  const outside = new MeshLambertMaterial({ color: '#8a8ea3', flatShading: true })
  // What is seen of the inside: of an open part, and where it is cut.
  const inside = new MeshBasicMaterial({ color: '#736fea', side: BackSide })
  const bad = new MeshBasicMaterial({
    color: '#e04b55',
    side: DoubleSide,
    polygonOffset: true,
    polygonOffsetFactor: -2,
  })
  const badLine = new LineBasicMaterial({ color: '#e04b55', depthTest: false, transparent: true })
  const edge = new LineBasicMaterial({ color: '#8a8ea3', transparent: true, opacity: 0.6 })
  const mark = new PointsMaterial({ color: '#c98d0c', size: 11, sizeAttenuation: false, depthTest: false })
  const markLine = new LineBasicMaterial({ color: '#c98d0c', depthTest: false })

  const part = new Group()
  const problems = new Group()
  const bed = new Group()
  const measured = new Group()
  scene.add(part, problems, bed, measured)
  const box = new Box3(new Vector3(), new Vector3(10, 10, 10))
  let corners = new Float32Array()
  let dark = false
  let wanted = false

  const controls = new OrbitControls(camera, canvas)
  controls.enableDamping = false
  controls.addEventListener('change', draw)
  /** The side it shows whole, whatever becomes of the window, until somebody turns it. */
  let shown: Side | undefined
  const turned = () => {
    shown = undefined
  }
  controls.addEventListener('start', turned)

  function draw(): void {
    if (wanted) return
    wanted = true
    requestAnimationFrame(() => {
      wanted = false
      renderer.render(scene, camera)
    })
  }

  const resized = new ResizeObserver(() => {
    const { clientWidth: width, clientHeight: height } = canvas
    if (width === 0 || height === 0) return
    renderer.setSize(width, height, false)
    camera.aspect = width / height
    camera.updateProjectionMatrix()
    if (shown) view(shown)
    draw()
  })
  resized.observe(canvas)

  function empty(group: Group): void {
    for (const child of [...group.children]) {
      group.remove(child)
      if ('geometry' in child) (child.geometry as BufferGeometry).dispose()
    }
  }

  const geometryOf = (values: Float32Array): BufferGeometry =>
    new BufferGeometry().setAttribute('position', new BufferAttribute(values, 3))

  function view(side: Side): void {
    shown = side
    const centre = box.getCenter(new Vector3())
    const radius = Math.max(1, box.getSize(new Vector3()).length() / 2)
    const narrow = Math.min(1, camera.aspect)
    const distance = (radius * 1.15) / Math.sin((camera.fov * Math.PI) / 360) / narrow
    camera.position.copy(centre).addScaledVector(sides[side].clone().normalize(), distance)
    camera.near = radius / 100
    camera.far = distance + radius * 40
    camera.updateProjectionMatrix()
    controls.target.copy(centre)
    controls.minDistance = radius * 0.05
    controls.maxDistance = distance * 8
    controls.update()
    draw()
  }

  const clipped: Material[] = [outside, inside, bad]

  return {
    show: (triangles) => {
      corners = triangles.corners
      empty(part)
      box.set(new Vector3(...triangles.min), new Vector3(...triangles.max))
      const geometry = geometryOf(corners)
      part.add(new Mesh(geometry, outside), new Mesh(geometry, inside))
      const size = box.getSize(new Vector3())
      const frame = new LineSegments(new EdgesGeometry(new BoxGeometry(size.x, size.y, size.z)), edge)
      box.getCenter(frame.position)
      part.add(frame)
      view('iso')
    },
    dress: ({ dark: isDark, color }) => {
      dark = isDark
      outside.color = new Color(color)
      const { h, s, l } = outside.color.getHSL({ h: 0, s: 0, l: 0 })
      // A black part would be a blot: what is darker is drawn so that its faces can be told apart.
      if (l < DARKEST) outside.color.setHSL(h, s, DARKEST)
      edge.color = new Color(dark ? '#767a92' : '#8a8ea3')
      for (const child of bed.children) tint(child)
      draw()
    },
    highlight: (places) => {
      empty(problems)
      const faces = [...new Set(places.flatMap((place) => place.faces))].filter(
        (face) => (face + 1) * 9 <= corners.length,
      )
      const values = new Float32Array(faces.length * 9)
      faces.forEach((face, i) => {
        values.set(corners.subarray(face * 9, face * 9 + 9), i * 9)
      })
      if (faces.length > 0) problems.add(new Mesh(geometryOf(values), bad))
      const lines = places.flatMap((place) => place.lines)
      if (lines.length > 0) {
        const drawn = new LineSegments(geometryOf(new Float32Array(lines)), badLine)
        drawn.renderOrder = 2
        problems.add(drawn)
      }
      draw()
    },
    cut: (section) => {
      if (section) {
        const low = box.min[section.axis]
        const at = low + (box.max[section.axis] - low) * section.share
        plane.normal.set(0, 0, 0)
        plane.normal[section.axis] = -1
        plane.constant = at
      }
      for (const material of clipped) {
        material.clippingPlanes = section ? [plane] : null
        material.needsUpdate = true
      }
      draw()
    },
    plate: (size) => {
      empty(bed)
      if (size) {
        const centre = box.getCenter(new Vector3())
        const material = new LineBasicMaterial({ transparent: true, opacity: 0.5 })
        const lines = new LineSegments(geometryOf(gridLines(size.x, size.y)), material)
        lines.position.set(centre.x, centre.y, box.min.z)
        tint(lines)
        bed.add(lines)
      }
      draw()
    },
    view,
    turn: (right, up) => {
      turned()
      const offset = camera.position.clone().sub(controls.target)
      offset.applyAxisAngle(camera.up, right)
      const across = new Vector3().crossVectors(camera.up, offset).normalize()
      const lifted = offset.clone().applyAxisAngle(across, -up)
      // Not over the pole, where left and right would change places.
      if (Math.abs(lifted.clone().normalize().z) < 0.999) offset.copy(lifted)
      camera.position.copy(controls.target).add(offset)
      controls.update()
      draw()
    },
    zoom: (factor) => {
      turned()
      camera.position.sub(controls.target).multiplyScalar(factor).add(controls.target)
      controls.update()
      draw()
    },
    pick: (x, y) => {
      const ray = new Raycaster()
      ray.setFromCamera(new Vector2(x, y), camera)
      const active = outside.clippingPlanes?.[0]
      const hits = ray.intersectObjects(part.children.filter((child) => child instanceof Mesh))
      return hits.find(({ point }) => !active || active.distanceToPoint(point) >= 0)?.point
    },
    marks: (points) => {
      empty(measured)
      if (points.length > 0) {
        const values = new Float32Array(points.flatMap(({ x, y, z }) => [x, y, z]))
        const dots = new Points(geometryOf(values), mark)
        dots.renderOrder = 3
        measured.add(dots)
        if (points.length === 2) measured.add(new LineSegments(geometryOf(values), markLine))
      }
      draw()
    },
    stop: () => {
      resized.disconnect()
      controls.dispose()
      for (const group of [part, problems, bed, measured]) empty(group)
      renderer.dispose()
    },
  }

  function tint(object: Object3D): void {
    if (object instanceof LineSegments)
      (object.material as LineBasicMaterial).color = new Color(dark ? '#4a4d63' : '#b4b7c8')
  }
}
