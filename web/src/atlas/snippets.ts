/** Programs that sign people in with an app of the project, filled with its values. Shown as text, to be copied. */

export interface SnippetFacts {
  readonly issuer: string
  readonly appId: string
  /** Absent for apps that cannot keep a secret. */
  readonly secret: string | undefined
  readonly redirectUri: string
}

export const languages = ['node', 'browser', 'python', 'go', 'curl'] as const
export type SnippetLanguage = (typeof languages)[number]

/** A text in quotes as all of these languages read them. */
const quote = (text: string) => JSON.stringify(text)
/** For a shell: nothing inside single quotes means anything. */
const shell = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

/** The program in one language. `secret` stands in an environment variable: a secret does not belong into code. */
export function snippetOf(language: SnippetLanguage, facts: SnippetFacts): string {
  return programs[language](facts)
}

const programs: Readonly<Record<SnippetLanguage, (facts: SnippetFacts) => string>> = {
  node: ({ issuer, appId, secret, redirectUri }) => `// npm install openid-client express cookie-session
import cookieSession from 'cookie-session'
import express from 'express'
import * as client from 'openid-client'

const issuer = new URL(${quote(issuer)})
const redirect_uri = ${quote(redirectUri)}
const config = await client.discovery(issuer, ${quote(appId)}, ${secret ? 'process.env.CLIENT_SECRET' : 'undefined, client.None()'}${issuer.startsWith('http:') ? `${secret ? ', undefined' : ''}, { execute: [client.allowInsecureRequests] }` : ''})

const app = express()
app.use(cookieSession({ name: 'session', secret: process.env.SESSION_SECRET, httpOnly: true, sameSite: 'lax' }))

app.get('/login', async (request, response) => {
  const code_verifier = client.randomPKCECodeVerifier()
  const state = client.randomState()
  request.session.pending = { code_verifier, state }
  const url = client.buildAuthorizationUrl(config, {
    redirect_uri,
    scope: 'openid profile email',
    code_challenge: await client.calculatePKCECodeChallenge(code_verifier),
    code_challenge_method: 'S256',
    state,
  })
  response.redirect(url.href)
})

app.get(new URL(redirect_uri).pathname, async (request, response) => {
  const { code_verifier, state } = request.session.pending
  const tokens = await client.authorizationCodeGrant(config, new URL(request.originalUrl, redirect_uri), {
    pkceCodeVerifier: code_verifier,
    expectedState: state,
  })
  request.session.pending = undefined
  response.json(tokens.claims())
})

app.listen(Number(new URL(redirect_uri).port) || 3000)
`,
  browser: ({ issuer, appId, redirectUri }) => `// npm install oidc-client-ts
import { UserManager } from 'oidc-client-ts'

const users = new UserManager({
  authority: ${quote(issuer)},
  client_id: ${quote(appId)},
  redirect_uri: ${quote(redirectUri)},
  scope: 'openid profile email',
})

if (new URL(location.href).searchParams.has('code')) {
  const user = await users.signinRedirectCallback()
  console.log('Hello', user.profile.name)
} else {
  await users.signinRedirect()
}
`,
  python: ({ issuer, appId, secret, redirectUri }) => `# pip install authlib flask requests
import os
from authlib.integrations.flask_client import OAuth
from flask import Flask, session

app = Flask(__name__)
app.secret_key = os.environ["SESSION_SECRET"]
oauth = OAuth(app)
oauth.register(
    "atlas",
    client_id=${quote(appId)},
    client_secret=${secret ? 'os.environ["CLIENT_SECRET"]' : 'None'},
    server_metadata_url=${quote(`${issuer}/.well-known/openid-configuration`)},
    client_kwargs={"scope": "openid profile email", "code_challenge_method": "S256"},
)

@app.get("/login")
def login():
    return oauth.atlas.authorize_redirect(${quote(redirectUri)})

@app.get(${quote(pathOf(redirectUri))})
def callback():
    token = oauth.atlas.authorize_access_token()
    session["user"] = token["userinfo"]
    return dict(token["userinfo"])
`,
  go: ({
    issuer,
    appId,
    secret,
    redirectUri,
  }) => `// go get github.com/coreos/go-oidc/v3/oidc golang.org/x/oauth2
package main

import (
	"context"
	"encoding/json"
	"log"
	"net/http"
	"os"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
)

func main() {
	ctx := context.Background()
	provider, err := oidc.NewProvider(ctx, ${quote(issuer)})
	if err != nil {
		log.Fatal(err)
	}
	config := oauth2.Config{
		ClientID:     ${quote(appId)},
		ClientSecret: ${secret ? 'os.Getenv("CLIENT_SECRET")' : '""'},
		Endpoint:     provider.Endpoint(),
		RedirectURL:  ${quote(redirectUri)},
		Scopes:       []string{oidc.ScopeOpenID, "profile", "email"},
	}
	verifier := provider.Verifier(&oidc.Config{ClientID: config.ClientID})

	http.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		pkce, state := oauth2.GenerateVerifier(), oauth2.GenerateVerifier()
		for name, value := range map[string]string{"pkce": pkce, "state": state} {
			http.SetCookie(w, &http.Cookie{Name: name, Value: value, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode})
		}
		http.Redirect(w, r, config.AuthCodeURL(state, oauth2.S256ChallengeOption(pkce)), http.StatusFound)
	})
	http.HandleFunc(${quote(pathOf(redirectUri))}, func(w http.ResponseWriter, r *http.Request) {
		state, err := r.Cookie("state")
		pkce, err2 := r.Cookie("pkce")
		if err != nil || err2 != nil || r.FormValue("state") != state.Value {
			http.Error(w, "start again", http.StatusBadRequest)
			return
		}
		token, err := config.Exchange(r.Context(), r.FormValue("code"), oauth2.VerifierOption(pkce.Value))
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		raw, _ := token.Extra("id_token").(string)
		id, err := verifier.Verify(r.Context(), raw)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadGateway)
			return
		}
		var claims map[string]any
		_ = id.Claims(&claims)
		_ = json.NewEncoder(w).Encode(claims)
	})
	log.Fatal(http.ListenAndServe(":3000", nil))
}
`,
  curl: ({
    issuer,
    appId,
    secret,
    redirectUri,
  }) => `# Needs bash, curl, openssl and jq. Open the printed address, sign in, and paste the code you come back with.
verifier=$(openssl rand -base64 48 | tr -d '=+/\\n')
challenge=$(printf %s "$verifier" | openssl dgst -sha256 -binary | openssl base64 | tr '+/' '-_' | tr -d '=\\n')
echo ${shell(`${issuer}/auth?client_id=${encodeURIComponent(appId)}&response_type=code&scope=openid%20profile%20email&redirect_uri=${encodeURIComponent(redirectUri)}&code_challenge_method=S256&state=try&code_challenge=`)}"$challenge"
read -rp 'code: ' code
curl -s ${shell(`${issuer}/token`)} ${secret ? `-u ${shell(appId)}:"$CLIENT_SECRET"` : `-d client_id=${shell(appId)}`} \\
  -d grant_type=authorization_code -d code="$code" -d code_verifier="$verifier" \\
  --data-urlencode redirect_uri=${shell(redirectUri)} | jq
`,
}

function pathOf(address: string): string {
  return URL.parse(address)?.pathname ?? '/callback'
}
