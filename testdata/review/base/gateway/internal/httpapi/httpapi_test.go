package httpapi

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"harbourline.example/gateway/internal/auth"
	"harbourline.example/gateway/internal/parcels"
	"harbourline.example/gateway/internal/ratelimit"
)

func newAPI() *API {
	sum := sha256.Sum256([]byte("token"))
	other := sha256.Sum256([]byte("other"))
	scopes := []auth.Scope{auth.ScopeRead, auth.ScopeWrite}
	return &API{
		Store: parcels.NewStore(),
		Keys: auth.Keyring{
			hex.EncodeToString(sum[:]):   {ID: "bookshop", Scopes: scopes},
			hex.EncodeToString(other[:]): {ID: "depot", Scopes: scopes},
		},
		Limiter: ratelimit.New(1000, 1000, time.Minute),
		Now:     func() time.Time { return time.Date(2024, 5, 2, 12, 0, 0, 0, time.UTC) },
	}
}

func call(api *API, token, method, path, body string) *httptest.ResponseRecorder {
	request := httptest.NewRequest(method, path, strings.NewReader(body))
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	recorder := httptest.NewRecorder()
	api.Handler().ServeHTTP(recorder, request)
	return recorder
}

func TestAnnounceThenGet(t *testing.T) {
	api := newAPI()
	created := call(api, "token", http.MethodPost, "/v1/announcements", `{"trackingCode":"HL-7Q2K9D","size":"M"}`)
	if created.Code != http.StatusCreated {
		t.Fatalf("announce: %d", created.Code)
	}
	got := call(api, "token", http.MethodGet, "/v1/parcels/HL-7Q2K9D", "")
	if got.Code != http.StatusOK || !strings.Contains(got.Body.String(), `"status":"announced"`) {
		t.Errorf("get: %d %s", got.Code, got.Body)
	}
	if hidden := call(api, "other", http.MethodGet, "/v1/parcels/HL-7Q2K9D", ""); hidden.Code != http.StatusNotFound {
		t.Errorf("other partner: %d", hidden.Code)
	}
}

func TestRefusals(t *testing.T) {
	api := newAPI()
	cases := []struct {
		name, token, method, path, body string
		want                            int
	}{
		{"no token", "", http.MethodGet, "/v1/parcels/HL-1", "", http.StatusUnauthorized},
		{"short query", "token", http.MethodGet, "/v1/parcels?q=HL", "", http.StatusBadRequest},
		{"wrong method", "token", http.MethodGet, "/v1/scans", "", http.StatusMethodNotAllowed},
		{"unknown field", "token", http.MethodPost, "/v1/scans", `{"colour":"red"}`, http.StatusBadRequest},
		{"unknown parcel", "token", http.MethodPost, "/v1/scans", `{"trackingCode":"HL-0"}`, http.StatusNotFound},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := call(api, c.token, c.method, c.path, c.body); got.Code != c.want {
				t.Errorf("status = %d, want %d", got.Code, c.want)
			}
		})
	}
}

func TestHealthNeedsNoToken(t *testing.T) {
	if got := call(newAPI(), "", http.MethodGet, "/healthz", ""); got.Code != http.StatusOK {
		t.Errorf("status = %d", got.Code)
	}
}
