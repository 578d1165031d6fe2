// Command interop tries golang.org/x/oauth2 and github.com/coreos/go-oidc: every feature that they have and this
// server offers.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
	"golang.org/x/oauth2/jwt"
)

const callback = "http://localhost:7/callback"

var where struct {
	Auth string `json:"auth_server"`
	App  string `json:"client_app"`
	API  string `json:"resource_server"`
}

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func check(held bool, what ...any) {
	if !held {
		panic(fmt.Sprintln(what...))
	}
}

// holds writes a feature into the ledger. One that does not hold has ended the run.
func holds(client, feature string, trial func()) {
	defer func() {
		if failed := recover(); failed != nil {
			fmt.Println(client+":", feature, "does not hold")
			panic(failed)
		}
	}()
	trial()
	book := must(os.OpenFile(os.Getenv("LEDGER"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600))
	defer book.Close()
	must(book.Write(append(must(json.Marshal(map[string]string{"client": client, "feature": feature})), '\n')))
}

// register makes a client of one's own: neither library registers.
func register(metadata map[string]any) (id, secret string) {
	metadata["redirect_uris"] = []string{callback}
	answer := must(http.Post(where.Auth+"/register", "application/json", bytes.NewReader(must(json.Marshal(metadata)))))
	defer answer.Body.Close()
	var made struct {
		ID     string `json:"client_id"`
		Secret string `json:"client_secret"`
	}
	check(json.NewDecoder(answer.Body).Decode(&made) == nil && answer.StatusCode == http.StatusCreated, answer.Status)
	return made.ID, made.Secret
}

func status(client *http.Client, path string) int {
	answer := must(client.Get(where.API + path))
	answer.Body.Close()
	return answer.StatusCode
}

func refused(err error, code string) {
	var told *oauth2.RetrieveError
	check(errors.As(err, &told) && told.ErrorCode == code, err)
}

func main() {
	check(json.Unmarshal([]byte(os.Getenv("GRANTSCOPE")), &where) == nil)
	ctx := context.Background()
	alice := newPerson("alice")
	var provider *oidc.Provider
	holds("go-oidc", "discovery", func() {
		provider = must(oidc.NewProvider(ctx, where.Auth))
		must(oidc.NewProvider(ctx, where.Auth+"/r/later"))
		_, err := oidc.NewProvider(ctx, where.Auth+"/")
		check(err != nil, "another issuer")
	})
	config := func(id, secret string) *oauth2.Config {
		return &oauth2.Config{
			ClientID: id, ClientSecret: secret, Endpoint: provider.Endpoint(), RedirectURL: callback,
			Scopes: []string{oidc.ScopeOpenID, "email", "photos:read"},
		}
	}
	web := config("web", "web-secret")
	web.RedirectURL = where.App + "/callback"
	verify := func(client *oauth2.Config, token *oauth2.Token, nonce string) *oidc.IDToken {
		raw, _ := token.Extra("id_token").(string)
		verified := must(provider.Verifier(&oidc.Config{ClientID: client.ClientID}).Verify(ctx, raw))
		check(verified.Nonce == nonce, "nonce")
		check(verified.VerifyAccessToken(token.AccessToken) == nil, "at_hash")
		return verified
	}
	signIn := func(client *oauth2.Config, more ...oauth2.AuthCodeOption) (*oauth2.Token, *oidc.IDToken) {
		verifier := oauth2.GenerateVerifier()
		more = append(more, oauth2.S256ChallengeOption(verifier), oidc.Nonce("n"))
		back := alice.authorize(client.AuthCodeURL("a state", more...), client.RedirectURL)
		check(back.Get("state") == "a state" && back.Get("iss") == where.Auth, back)
		token := must(client.Exchange(ctx, back.Get("code"), oauth2.VerifierOption(verifier)))
		return token, verify(client, token, "n")
	}
	var token *oauth2.Token
	var identity *oidc.IDToken
	holds("x/oauth2", "code + PKCE", func() {
		token, identity = signIn(web)
		check(status(web.Client(ctx, token), "/photos") == 200)
		spa := config("spa", "")
		spa.RedirectURL = where.App + "/callback/spa"
		signIn(spa)
	})
	holds("go-oidc", "ID token", func() {
		check(identity.Subject == "alice-0001" && identity.Issuer == where.Auth)
		_, err := provider.Verifier(&oidc.Config{ClientID: "spa"}).Verify(ctx, token.Extra("id_token").(string))
		check(err != nil, "an ID token for somebody else")
	})
	holds("go-oidc", "userinfo", func() {
		told := must(provider.UserInfo(ctx, oauth2.StaticTokenSource(token)))
		check(told.Subject == identity.Subject && told.Email == "alice@example.com" && told.EmailVerified, told)
	})
	holds("x/oauth2", "refresh, rotated", func() {
		old := *token
		old.Expiry = time.Now().Add(-time.Second)
		renewed := must(web.TokenSource(ctx, &old).Token())
		check(renewed.RefreshToken != token.RefreshToken, "not rotated")
		check(status(web.Client(ctx, renewed), "/photos") == 200)
	})
	holds("go-oidc", "prompt, max_age, auth_time", func() {
		_, silent := signIn(web, oauth2.SetAuthURLParam("prompt", "none"), oauth2.SetAuthURLParam("max_age", "600"))
		var claims struct {
			AuthTime int64 `json:"auth_time"`
		}
		check(silent.Claims(&claims) == nil && claims.AuthTime > 0, claims)
	})
	styles := map[string]oauth2.AuthStyle{
		"client_secret_basic": oauth2.AuthStyleInHeader, "client_secret_post": oauth2.AuthStyleInParams, "none": oauth2.AuthStyleInParams,
	}
	for method, style := range styles {
		holds("x/oauth2", method, func() {
			own := config(register(map[string]any{"token_endpoint_auth_method": method}))
			own.Endpoint.AuthStyle = style
			signIn(own)
			// It finds the style out by itself, too.
			own.Endpoint.AuthStyle = oauth2.AuthStyleAutoDetect
			signIn(own)
		})
	}
	holds("go-oidc", "ID token algorithms", func() {
		for _, algorithm := range []string{"RS256", "PS256", "ES256", "EdDSA"} {
			signIn(config(register(map[string]any{"id_token_signed_response_alg": algorithm})))
		}
	})
	holds("go-oidc", "signed userinfo", func() {
		own := config(register(map[string]any{"userinfo_signed_response_alg": "RS256"}))
		signed, identity := signIn(own)
		told := must(provider.UserInfo(ctx, oauth2.StaticTokenSource(signed)))
		check(told.Subject == identity.Subject, told)
	})
	holds("x/oauth2", "client credentials", func() {
		machine := clientcredentials.Config{
			ClientID: "service", ClientSecret: "service-secret", TokenURL: provider.Endpoint().TokenURL, Scopes: []string{"stats:read"},
		}
		check(status(machine.Client(ctx), "/stats") == 200)
	})
	holds("x/oauth2", "password (legacy)", func() {
		trusted := config("trusted", "trusted-secret")
		trusted.Scopes = []string{"photos:read"}
		granted := must(trusted.PasswordCredentialsToken(ctx, "alice", "alice-password"))
		check(status(trusted.Client(ctx, granted), "/photos") == 200)
		_, err := trusted.PasswordCredentialsToken(ctx, "alice", "wrong")
		refused(err, "invalid_grant")
	})
	holds("x/oauth2", "resource indicators", func() {
		meant := oauth2.SetAuthURLParam("resource", "https://archive.example/api")
		narrow, _ := signIn(web, meant)
		check(status(web.Client(ctx, narrow), "/photos") == 401)
	})
	holds("x/oauth2", "device", func() {
		tv := config("tv", "")
		tv.Scopes = []string{"openid", "photos:read"}
		asked := must(tv.DeviceAuth(ctx))
		alice.connect(asked.VerificationURIComplete)
		asked.Interval = 1 // its person has answered already
		connected := must(tv.DeviceAccessToken(ctx, asked))
		check(status(tv.Client(ctx, connected), "/photos") == 200)
	})
	holds("x/oauth2", "JWT bearer", func() {
		var keys map[string]struct{ Pem string }
		check(json.Unmarshal(must(os.ReadFile(os.Getenv("KEYS"))), &keys) == nil)
		// It sends no credentials of its own: those of the client stand in the address, as Go's URLs allow it.
		token := must(url.Parse(provider.Endpoint().TokenURL))
		token.User = url.UserPassword("album-rsa", "album-secret")
		album := jwt.Config{
			Email: "album-rsa", Subject: "alice-0001", Audience: where.Auth, TokenURL: token.String(),
			PrivateKey: []byte(keys["album-rsa"].Pem), PrivateKeyID: "album-rsa", Expires: time.Minute, Scopes: []string{"photos:read"},
		}
		check(status(album.Client(ctx), "/photos") == 200)
	})
	fmt.Println("x/oauth2 and go-oidc: every feature holds;", strings.TrimPrefix(where.Auth, "http://"))
}
