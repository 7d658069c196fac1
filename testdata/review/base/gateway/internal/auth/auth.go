// Package auth checks the bearer tokens of partners.
package auth

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"errors"
	"net/http"
	"strings"
)

// ErrNoToken is returned when a request carries no usable token.
var ErrNoToken = errors.New("auth: no token")

// Scope names something that a partner may do.
type Scope string

// The scopes that tokens are issued for.
const (
	ScopeRead   Scope = "parcels:read"
	ScopeWrite  Scope = "parcels:write"
	ScopeReport Scope = "reports:read"
)

// Partner is the owner of a token.
type Partner struct {
	ID     string
	Scopes []Scope
}

// Allows tells whether the partner holds the scope.
func (p Partner) Allows(scope Scope) bool {
	for _, held := range p.Scopes {
		if held == scope {
			return true
		}
	}
	return false
}

// Keyring maps the hex SHA-256 of tokens to partners.
type Keyring map[string]Partner

// Find gives the partner of a token. All entries are compared, each in constant time.
func (k Keyring) Find(token string) (Partner, bool) {
	sum := sha256.Sum256([]byte(token))
	wanted := []byte(hex.EncodeToString(sum[:]))
	var found Partner
	ok := false
	for digest, partner := range k {
		if subtle.ConstantTimeCompare([]byte(digest), wanted) == 1 {
			found, ok = partner, true
		}
	}
	return found, ok
}

type contextKey struct{}

// FromContext gives the partner that Require stored.
func FromContext(ctx context.Context) (Partner, bool) {
	partner, ok := ctx.Value(contextKey{}).(Partner)
	return partner, ok
}

// WithPartner stores a partner in the context.
func WithPartner(ctx context.Context, partner Partner) context.Context {
	return context.WithValue(ctx, contextKey{}, partner)
}

// Require lets a request through when its token holds the scope.
func (k Keyring) Require(scope Scope, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, err := bearer(r)
		if err != nil {
			http.Error(w, "token required", http.StatusUnauthorized)
			return
		}
		partner, ok := k.Find(token)
		if !ok {
			http.Error(w, "unknown token", http.StatusUnauthorized)
			return
		}
		if !partner.Allows(scope) {
			http.Error(w, "scope missing", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r.WithContext(WithPartner(r.Context(), partner)))
	})
}

func bearer(r *http.Request) (string, error) {
	scheme, token, found := strings.Cut(r.Header.Get("Authorization"), " ")
	if !found || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", ErrNoToken
	}
	return token, nil
}
