/** A server on the standard library alone: nothing to fetch, and a newcomer reads what happens. */
import { loginOf, type Program, pathOf, portOf, quote, withSecret } from './facts.ts'

export const go: Program = ({ issuer, appId, secret, redirectUri }) => `// ${withSecret(secret)}go run main.go
// Then open ${loginOf(redirectUri)}
package main

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/url"${secret ? '\n\t"os"' : ''}
	"strings"
	"time"
)

const (
	issuer      = ${quote(issuer)}
	clientID    = ${quote(appId)}
	redirectURI = ${quote(redirectUri)}
)

// Read from the issuer when the program starts.
var endpoints struct {
	Authorization string \`json:"authorization_endpoint"\`
	Token         string \`json:"token_endpoint"\`
	Userinfo      string \`json:"userinfo_endpoint"\`
}

func main() {
	discovery, err := http.NewRequest("GET", issuer+"/.well-known/openid-configuration", nil)
	if err != nil {
		log.Fatal(err)
	}
	if err := answer(discovery, &endpoints); err != nil {
		log.Fatal(err)
	}
	http.HandleFunc("/login", login)
	http.HandleFunc(${quote(pathOf(redirectUri))}, callback)
	log.Fatal(http.ListenAndServe(${quote(`:${portOf(redirectUri)}`)}, nil))
}

func login(w http.ResponseWriter, r *http.Request) {
	state, verifier := random(), random()
	// Ties the answer to this browser.
	http.SetCookie(w, &http.Cookie{Name: "pending", Value: state + "." + verifier, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode${redirectUri.startsWith('https:') ? ', Secure: true' : ''}})
	challenge := sha256.Sum256([]byte(verifier))
	query := url.Values{
		"client_id":             {clientID},
		"response_type":         {"code"},
		"scope":                 {"openid profile email"},
		"redirect_uri":          {redirectURI},
		"state":                 {state},
		"code_challenge":        {base64.RawURLEncoding.EncodeToString(challenge[:])},
		"code_challenge_method": {"S256"},
	}
	http.Redirect(w, r, endpoints.Authorization+"?"+query.Encode(), http.StatusFound)
}

func callback(w http.ResponseWriter, r *http.Request) {
	pending, err := r.Cookie("pending")
	if err != nil {
		http.Redirect(w, r, "/login", http.StatusFound)
		return
	}
	state, verifier, _ := strings.Cut(pending.Value, ".")
	if r.FormValue("state") != state || r.FormValue("iss") != issuer {
		http.Error(w, "this answer belongs to another sign-in", http.StatusBadRequest)
		return
	}
	if refused := r.FormValue("error"); refused != "" {
		http.Error(w, refused+": "+r.FormValue("error_description"), http.StatusForbidden)
		return
	}
	http.SetCookie(w, &http.Cookie{Name: "pending", Path: "/", MaxAge: -1})
	profile, err := redeem(r.FormValue("code"), verifier)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(profile)
}

// redeem exchanges the code for a token, and the token for what it says of the person.
func redeem(code, verifier string) (map[string]any, error) {
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"code":          {code},
		"code_verifier": {verifier},
		"redirect_uri":  {redirectURI},${secret ? '' : '\n\t\t"client_id":     {clientID},'}
	}
	request, err := http.NewRequest("POST", endpoints.Token, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
${secret ? '\trequest.SetBasicAuth(url.QueryEscape(clientID), url.QueryEscape(os.Getenv("CLIENT_SECRET")))\n' : ''}	var tokens struct {
		Access string \`json:"access_token"\`
	}
	if err := answer(request, &tokens); err != nil {
		return nil, err
	}
	if request, err = http.NewRequest("GET", endpoints.Userinfo, nil); err != nil {
		return nil, err
	}
	request.Header.Set("Authorization", "Bearer "+tokens.Access)
	var profile map[string]any
	err = answer(request, &profile)
	return profile, err
}

var web = &http.Client{Timeout: 10 * time.Second}

// answer sends a request and reads the JSON that comes back.
func answer(request *http.Request, into any) error {
	response, err := web.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s %s", request.URL, response.Status, body)
	}
	return json.Unmarshal(body, into)
}

func random() string {
	bytes := make([]byte, 32)
	if _, err := rand.Read(bytes); err != nil {
		log.Fatal(err)
	}
	return base64.RawURLEncoding.EncodeToString(bytes)
}
`
