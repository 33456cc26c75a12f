/**
 * The peers of the gateway's benchmark. The bare ones only parse, call and answer. `nestWithDuties` does what a usual
 * Nest application does beside that and what the gateway does for an operation: safety headers, request ids, throttling,
 * a signed token and a permission, validation, a histogram. Decorators are plain functions; Node runs TypeScript without.
 */
import 'reflect-metadata'
import { randomUUID } from 'node:crypto'
import type { CanActivate, ExecutionContext, INestApplication, Type } from '@nestjs/common'
import {
  Body,
  Controller,
  ForbiddenException,
  HttpCode,
  Module,
  Post,
  UnauthorizedException,
  ValidationPipe,
} from '@nestjs/common'
import { APP_GUARD, NestFactory } from '@nestjs/core'
import { JwtService } from '@nestjs/jwt'
import { ExpressAdapter } from '@nestjs/platform-express'
import { FastifyAdapter } from '@nestjs/platform-fastify'
import { ThrottlerGuard, ThrottlerModule, type ThrottlerStorage } from '@nestjs/throttler'
import { IsInt, IsString, Length, Min } from 'class-validator'
import fastify from 'fastify'
import helmet from 'helmet'
import { Histogram, Registry } from 'prom-client'

export const PATH = '/api/v1/bench/orders'

interface Order {
  readonly name: string
  readonly count: number
}

export const answer = ({ name, count }: Order) => ({
  id: '0190b5a8-0000-7000-8000-000000000001',
  name,
  count,
  total: count * 250,
})

/** Where a server listens, and what its callers say. */
export interface Started {
  readonly port: number
  readonly token?: string
}

export const portOf = (url: string) => Number(new URL(url).port)

export async function bareFastify(): Promise<Started> {
  const app = fastify()
  app.post<{ Body: Order }>(PATH, async (request) => answer(request.body))
  return { port: portOf(await app.listen({ port: 0, host: '127.0.0.1' })) }
}

/** A controller with the one operation, whose body is checked by `Dto` when a pipe does so. */
function controllerOf(Dto: Type<Order> | ObjectConstructor): Type {
  class Orders {
    make(body: Order) {
      return answer(body)
    }
  }
  const descriptor = Object.getOwnPropertyDescriptor(Orders.prototype, 'make')!
  Body()(Orders.prototype, 'make', 0)
  Post('orders')(Orders.prototype, 'make', descriptor)
  HttpCode(200)(Orders.prototype, 'make', descriptor)
  Controller('api/v1/bench')(Orders)
  Reflect.defineMetadata('design:paramtypes', [Dto], Orders.prototype, 'make')
  return Orders
}

export async function bareNest(adapter: 'fastify' | 'express'): Promise<Started> {
  class Application {}
  Module({ controllers: [controllerOf(Object)] })(Application)
  const app: INestApplication = await NestFactory.create(
    Application,
    adapter === 'fastify' ? (new FastifyAdapter() as never) : new ExpressAdapter(),
    { logger: false },
  )
  await app.listen(0, '127.0.0.1')
  return { port: portOf(await app.getUrl()) }
}

interface HttpRequest {
  readonly headers: Readonly<Record<string, string | undefined>>
  user?: unknown
}

export async function nestWithDuties(): Promise<Started> {
  // HS256 with a secret is what the documentation shows, and the cheapest signature there is.
  const jwt = new JwtService({ secret: 'a secret that is only used in this benchmark' })
  const guard: CanActivate = {
    async canActivate(context: ExecutionContext) {
      const request = context.switchToHttp().getRequest<HttpRequest>()
      const [kind, token] = request.headers['authorization']?.split(' ') ?? []
      if (kind !== 'Bearer' || !token) throw new UnauthorizedException()
      const claims = await jwt.verifyAsync<{ permissions: string[] }>(token).catch(() => {
        throw new UnauthorizedException()
      })
      if (!claims.permissions.includes('orders:make')) throw new ForbiddenException()
      request.user = claims
      return true
    },
  }
  class NewOrder {
    declare name: string
    declare count: number
  }
  IsString()(NewOrder.prototype, 'name')
  Length(2, 40)(NewOrder.prototype, 'name')
  IsInt()(NewOrder.prototype, 'count')
  Min(1)(NewOrder.prototype, 'count')
  class Application {}
  Module({
    imports: [
      ThrottlerModule.forRoot({ throttlers: [{ ttl: 60_000, limit: 100_000_000 }], storage: counters() }),
    ],
    controllers: [controllerOf(NewOrder)],
    providers: [
      { provide: APP_GUARD, useClass: ThrottlerGuard },
      { provide: APP_GUARD, useValue: guard },
    ],
  })(Application)
  const app = await NestFactory.create(Application, new ExpressAdapter(), { logger: false })
  const durations = new Histogram({
    name: 'http_request_duration_seconds',
    help: 'Time of a request.',
    labelNames: ['route', 'status'],
    registers: [new Registry()],
  })
  app.use(helmet())
  app.use((_: unknown, response: Answering, next: () => void) => {
    const end = durations.startTimer({ route: PATH })
    response.setHeader('x-request-id', randomUUID())
    response.once('finish', () => end({ status: response.statusCode }))
    next()
  })
  app.useGlobalPipes(new ValidationPipe({ whitelist: true, forbidNonWhitelisted: true, transform: true }))
  await app.listen(0, '127.0.0.1')
  const id = randomUUID()
  const claims = { sub: id, sid: id, roles: ['member'], permissions: ['orders:make', 'orders:see'] }
  return { port: portOf(await app.getUrl()), token: await jwt.signAsync(claims, { expiresIn: '1h' }) }
}

/**
 * One number per caller and minute. The throttler's own storage keeps every hit and walks through them, so with a budget
 * that a benchmark cannot spend it would be all that is measured.
 */
function counters(): ThrottlerStorage {
  const windows = new Map<string, { hits: number; ends: number }>()
  return {
    increment: async (key, ttl, limit) => {
      const now = Date.now()
      let window = windows.get(key)
      if (!window || window.ends <= now) {
        window = { hits: 0, ends: now + ttl }
        windows.set(key, window)
      }
      window.hits++
      const timeToExpire = Math.ceil((window.ends - now) / 1000)
      return { totalHits: window.hits, timeToExpire, isBlocked: window.hits > limit, timeToBlockExpire: 0 }
    },
  }
}

interface Answering {
  readonly statusCode: number
  readonly setHeader: (name: string, value: string) => void
  readonly once: (event: 'finish', listener: () => void) => void
}
