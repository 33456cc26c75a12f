export function SystemMap() {
  return null
}
