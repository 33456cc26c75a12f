/** Who calls, and what the gateway asks services about it; and the raw handlers it gives requests to. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProjectRole } from '../contract/contract.ts'

/**
 * Who calls. `kind` tells a session from a personal access token (both are a person's) and from a program: a project
 * key or an access token of a project's issuer, which passes only operations that name a scope.
 */
export interface Caller {
  /** The person; of a program its key's or app's id. */
  readonly id: string
  readonly sid: string
  readonly kind: 'session' | 'token' | 'program'
  readonly roles: readonly string[]
  readonly permissions: readonly string[]
  /** Of a program always; of a person where the operation's access is by project. */
  readonly project?: ProjectOfCaller
}

/** The project a caller acts in: a member has a `role`, a program an environment and scopes. */
export interface ProjectOfCaller {
  readonly id: string
  readonly environment?: string
  readonly role?: ProjectRole
  readonly scopes?: readonly string[]
  /** Thumbprint (RFC 7638) of the key that the token is bound to: it is good only with a proof of that key. */
  readonly boundTo?: string
  /** The end user on whose behalf the program acts. */
  readonly endUser?: string
}

/** The caller behind a personal access token. `expires`: epoch milliseconds, when the token ends. */
export type TokenHolder = Caller & { readonly expires?: number }

/** What the gateway asks of the service that owns identity. */
export interface IdentitySource {
  /** Public signing keys as a JWK set. */
  readonly loadKeys: () => Promise<{ keys: readonly Record<string, unknown>[] }>
  /** The caller behind an opaque personal access token. */
  readonly resolveToken: (token: string) => Promise<TokenHolder | undefined>
  /** Revocations that may still matter to tokens that are alive. */
  readonly loadRevocations: () => Promise<readonly Revocation[]>
}

/** Recognises tokens that a service issues to programs: opaque ones by their prefix, JWTs by their issuer. */
export interface CredentialSource {
  /** Of opaque tokens, such as `plk_`; shorter than 12 characters. */
  readonly prefix?: string
  /** What the `iss` of its JWTs begins with. */
  readonly issuer?: string
  /**
   * The caller behind a token; undefined when it is unknown, expired or revoked. The verdict is kept until `expires`,
   * of opaque tokens for at most a minute, and forgotten through `auth.revoked`: `sub` is the caller's id, `sid` and
   * `tokenId` its `sid`.
   */
  readonly resolve: (token: string) => Promise<{ caller: Caller; expires?: Date } | undefined>
}

/** Says who is a member of a project. The gateway keeps answers until `projects.members` is broadcast. */
export interface MembershipSource {
  /** The role of a person; undefined for those who are no members and for projects that do not exist. */
  readonly roleOf: (projectId: string, userId: string) => Promise<ProjectRole | undefined>
}

/**
 * Answers every request below a prefix of the origin, but those that are operations with `root`. It gets the untouched
 * request, after the address's rate limit, with request id and safety headers set; it parses and answers by itself.
 */
export type Mount = (
  request: IncomingMessage,
  response: ServerResponse,
  info: {
    /** The request's id. */
    readonly id: string
    /** The client's address; behind a trusted proxy not the socket's. */
    readonly ip: string
    /** Whether pages of this origin may use the installation: its own and those of CORS_ORIGINS. */
    readonly allowsOrigin: (origin: string) => boolean
    /** Answers with the page of the web app. */
    readonly serveApp: () => void
  },
) => void | Promise<void>

/** Refuses tokens of a session, a person or one personal token. Travels on the broadcast channel `auth.revoked`. */
export interface Revocation {
  readonly sid?: string
  readonly sub?: string
  readonly tokenId?: string
  /** Epoch seconds: tokens issued at or before are refused. */
  readonly before: number
  /** Epoch seconds: may be forgotten after. */
  readonly until: number
}
