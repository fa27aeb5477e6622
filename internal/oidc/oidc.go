// Package oidc finds out who people are by an OpenID Connect provider: the authorization code flow
// with PKCE, state and nonce. What a browser has to keep in between it keeps itself.
package oidc

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"sync"
	"time"

	upstream "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"burnline/internal/auth"
	"burnline/internal/redact"
)

// Options say which provider vouches for people, and what its groups may.
type Options struct {
	// Issuer and ClientID are required.
	Issuer, ClientID string
	// ClientSecret is asked for each exchange, so that a new one takes effect; "" is a public
	// client's. Required.
	ClientSecret func() (string, error)
	// RedirectURL is where people come back to.
	RedirectURL string
	// Name is how people call the provider.
	Name string
	// Scopes are asked for beside openid.
	Scopes []string
	// NameClaim and GroupsClaim are the claims of a person's name and groups.
	NameClaim, GroupsClaim string
	// Roles and Teams are what groups give; the group Everybody is everybody's.
	Roles map[string]auth.Role
	Teams map[string]string
	// Client sends requests. Default: one of its own.
	Client *http.Client
}

// Everybody is the group that everybody is in whom the provider knows.
const Everybody = "*"

// exchangeTimeout bounds what one request may wait for the provider.
const exchangeTimeout = 15 * time.Second

// Provider is an OpenID Connect provider. It is asked for its addresses when the first person signs
// in, so that a start does not wait for it. It is safe for concurrent use.
type Provider struct {
	o      Options
	mu     sync.Mutex
	source *upstream.Provider
}

// New returns a provider. It fails when a required option is missing.
func New(o Options) (*Provider, error) {
	if o.Issuer == "" || o.ClientID == "" || o.ClientSecret == nil {
		return nil, errors.New("oidc: Options.Issuer, ClientID and ClientSecret are required")
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: exchangeTimeout}
	}
	return &Provider{o: o}, nil
}

// Name is how people call the provider.
func (p *Provider) Name() string { return p.o.Name }

// discover returns what the provider says of itself.
func (p *Provider) discover(ctx context.Context) (*upstream.Provider, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.source != nil {
		return p.source, nil
	}
	ctx, cancel := context.WithTimeout(ctx, exchangeTimeout)
	defer cancel()
	source, err := upstream.NewProvider(upstream.ClientContext(ctx, p.o.Client), p.o.Issuer)
	if err != nil {
		return nil, fmt.Errorf("ask %s who it is: %w", redact.Address(p.o.Issuer), redact.Error(err))
	}
	p.source = source
	return source, nil
}

// config is that of the client.
func (p *Provider) config(source *upstream.Provider) (*oauth2.Config, error) {
	secret, err := p.o.ClientSecret()
	if err != nil {
		return nil, err
	}
	return &oauth2.Config{
		ClientID: p.o.ClientID, ClientSecret: secret, Endpoint: source.Endpoint(), RedirectURL: p.o.RedirectURL,
		Scopes: append([]string{upstream.ScopeOpenID}, p.o.Scopes...),
	}, nil
}

// kept is what the browser keeps while somebody is at the provider.
type kept struct{ State, Nonce, Verifier string }

// Begin returns where to send a browser, and what the browser keeps until it is back.
func (p *Provider) Begin(ctx context.Context) (address, keep string, _ error) {
	source, err := p.discover(ctx)
	if err != nil {
		return "", "", err
	}
	config, err := p.config(source)
	if err != nil {
		return "", "", err
	}
	k := kept{State: rand.Text(), Nonce: rand.Text(), Verifier: oauth2.GenerateVerifier()}
	data, err := json.Marshal(k)
	if err != nil {
		return "", "", err
	}
	return config.AuthCodeURL(k.State, upstream.Nonce(k.Nonce), oauth2.S256ChallengeOption(k.Verifier)), string(data), nil
}

func notLetIn(format string, args ...any) error {
	return &auth.NotLetIn{Why: fmt.Sprintf(format, args...)}
}

// Finish finds out who came back with a query. What fails with *auth.NotLetIn says to whom why, and
// has their Subject where the provider vouches for somebody who may not get in.
func (p *Provider) Finish(ctx context.Context, keep string, query url.Values) (auth.Identity, error) {
	var k kept
	if err := json.Unmarshal([]byte(keep), &k); err != nil || k.State == "" ||
		subtle.ConstantTimeCompare([]byte(k.State), []byte(query.Get("state"))) != 1 {
		return auth.Identity{}, notLetIn("This answer is not one to a question of this browser; try again.")
	}
	if code := query.Get("error"); code != "" {
		return auth.Identity{}, notLetIn("%s says %.100s: %.300s", p.o.Name, code, query.Get("error_description"))
	}
	ctx, cancel := context.WithTimeout(upstream.ClientContext(ctx, p.o.Client), exchangeTimeout)
	defer cancel()
	source, err := p.discover(ctx)
	if err != nil {
		return auth.Identity{}, err
	}
	config, err := p.config(source)
	if err != nil {
		return auth.Identity{}, err
	}
	answer, err := config.Exchange(ctx, query.Get("code"), oauth2.VerifierOption(k.Verifier))
	if err != nil {
		return auth.Identity{}, fmt.Errorf("exchange the code at %s: %w", p.o.Name, redact.Error(err))
	}
	raw, _ := answer.Extra("id_token").(string)
	token, err := source.VerifierContext(upstream.ClientContext(context.WithoutCancel(ctx), p.o.Client), &upstream.Config{ClientID: p.o.ClientID}).Verify(ctx, raw)
	if err != nil {
		return auth.Identity{}, fmt.Errorf("check the ID token of %s: %w", p.o.Name, redact.Error(err))
	}
	if subtle.ConstantTimeCompare([]byte(token.Nonce), []byte(k.Nonce)) != 1 {
		return auth.Identity{}, notLetIn("This answer is not one to a question of this browser; try again.")
	}
	claims := map[string]any{}
	if err := token.Claims(&claims); err != nil {
		return auth.Identity{}, fmt.Errorf("read the ID token of %s: %w", p.o.Name, err)
	}
	return p.identity(token.Issuer+" "+token.Subject, claims)
}
