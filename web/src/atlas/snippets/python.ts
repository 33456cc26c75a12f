/** A server on Flask. */
import { loginOf, type Program, pathOf, portOf, quote, withSecret } from './facts.ts'

export const python: Program = ({
  issuer,
  appId,
  secret,
  redirectUri,
}) => `# pip install authlib flask requests
# ${withSecret(secret)}SESSION_SECRET=$(openssl rand -hex 32) python app.py
# Then open ${loginOf(redirectUri)}
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

app.run(port=${portOf(redirectUri)})
`
