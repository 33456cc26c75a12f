/** For a terminal: the same steps by hand. */
import { type Program, shell } from './facts.ts'

export const curl: Program = ({
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
`
