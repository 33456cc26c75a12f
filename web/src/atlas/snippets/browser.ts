/** A page without a server: one HTML file, which Vite serves with the library. */
import { homeOf, hostOf, type Program, portOf, quote } from './facts.ts'

export const browser: Program = ({ issuer, appId, redirectUri }) => `<!doctype html>
<!-- Save as index.html beside what these install and start:
     npm install oidc-client-ts vite
     npx vite${hostOf(redirectUri)} --port ${portOf(redirectUri)} --strictPort
     Then open ${homeOf(redirectUri)} -->
<meta charset="utf-8">
<title>Sign in</title>
<button>Sign in</button>
<pre></pre>
<script type="module">
import { UserManager } from 'oidc-client-ts'

const users = new UserManager({
  authority: ${quote(issuer)},
  client_id: ${quote(appId)},
  redirect_uri: ${quote(redirectUri)},
  scope: 'openid profile email',
})
const show = (what) => {
  document.querySelector('pre').textContent = what
}

document.querySelector('button').onclick = () => users.signinRedirect()
try {
  if (new URL(location.href).searchParams.has('state')) {
    await users.signinRedirectCallback()
    history.replaceState(null, '', '/')
  }
  const user = await users.getUser()
  if (user) show(JSON.stringify(user.profile, null, 2))
} catch (error) {
  show(error.message)
}
</script>
`
