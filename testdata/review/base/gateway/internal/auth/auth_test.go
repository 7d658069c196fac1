package auth

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"testing"
)

func digest(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

func TestRequire(t *testing.T) {
	keys := Keyring{
		digest("reader"): {ID: "bookshop", Scopes: []Scope{ScopeRead}},
		digest("writer"): {ID: "depot", Scopes: []Scope{ScopeRead, ScopeWrite}},
	}
	handler := keys.Require(ScopeWrite, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		partner, ok := FromContext(r.Context())
		if !ok || partner.ID != "depot" {
			t.Errorf("partner = %v, %v", partner, ok)
		}
	}))
	cases := []struct {
		name   string
		header string
		want   int
	}{
		{"no header", "", http.StatusUnauthorized},
		{"other scheme", "Basic writer", http.StatusUnauthorized},
		{"empty token", "Bearer ", http.StatusUnauthorized},
		{"unknown token", "Bearer nobody", http.StatusUnauthorized},
		{"missing scope", "Bearer reader", http.StatusForbidden},
		{"allowed", "Bearer writer", http.StatusOK},
		{"scheme in lower case", "bearer writer", http.StatusOK},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			request := httptest.NewRequest(http.MethodPost, "/v1/parcels", nil)
			if c.header != "" {
				request.Header.Set("Authorization", c.header)
			}
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != c.want {
				t.Errorf("status = %d, want %d", recorder.Code, c.want)
			}
		})
	}
}
