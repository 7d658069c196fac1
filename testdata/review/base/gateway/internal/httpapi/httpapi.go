// Package httpapi serves the tracking API.
package httpapi

import (
	"encoding/json"
	"errors"
	"log"
	"net/http"
	"strings"
	"time"

	"harbourline.example/gateway/internal/auth"
	"harbourline.example/gateway/internal/parcels"
	"harbourline.example/gateway/internal/ratelimit"
	"harbourline.example/gateway/internal/trackingapi"
)

const maxBody = 16 << 10

// API holds what the handlers need.
type API struct {
	Store   *parcels.Store
	Keys    auth.Keyring
	Limiter *ratelimit.Limiter
	Now     func() time.Time
}

// Handler gives the routes of the API.
func (a *API) Handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("/v1/parcels", a.guard(auth.ScopeRead, a.search))
	mux.Handle("/v1/parcels/", a.guard(auth.ScopeRead, a.get))
	mux.Handle("/v1/announcements", a.guard(auth.ScopeWrite, a.announce))
	mux.Handle("/v1/scans", a.guard(auth.ScopeWrite, a.scan))
	mux.HandleFunc("/healthz", func(w http.ResponseWriter, r *http.Request) {
		writeJSON(w, http.StatusOK, map[string]string{"version": trackingapi.APIVersion})
	})
	return mux
}

func (a *API) guard(scope auth.Scope, handler func(http.ResponseWriter, *http.Request, auth.Partner)) http.Handler {
	inner := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		partner, ok := auth.FromContext(r.Context())
		if !ok {
			http.Error(w, "token required", http.StatusUnauthorized)
			return
		}
		handler(w, r, partner)
	})
	return a.Keys.Require(scope, a.Limiter.Wrap(inner))
}

func (a *API) search(w http.ResponseWriter, r *http.Request, partner auth.Partner) {
	query := strings.ToUpper(strings.TrimSpace(r.URL.Query().Get("q")))
	if len(query) < 3 {
		http.Error(w, "q needs three characters", http.StatusBadRequest)
		return
	}
	writeJSON(w, http.StatusOK, a.Store.Search(partner.ID, query))
}

func (a *API) get(w http.ResponseWriter, r *http.Request, partner auth.Partner) {
	code := strings.TrimPrefix(r.URL.Path, "/v1/parcels/")
	parcel, err := a.Store.Get(partner.ID, code)
	if err != nil {
		fail(w, err)
		return
	}
	writeJSON(w, http.StatusOK, parcel)
}

type announcement struct {
	TrackingCode string                 `json:"trackingCode"`
	Size         trackingapi.ParcelSize `json:"size"`
}

func (a *API) announce(w http.ResponseWriter, r *http.Request, partner auth.Partner) {
	var body announcement
	if !readJSON(w, r, &body) {
		return
	}
	if err := a.Store.Announce(partner.ID, body.TrackingCode, body.Size, a.Now()); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusCreated)
}

type scan struct {
	TrackingCode string                   `json:"trackingCode"`
	Status       trackingapi.ParcelStatus `json:"status"`
	Place        string                   `json:"place"`
}

func (a *API) scan(w http.ResponseWriter, r *http.Request, _ auth.Partner) {
	var body scan
	if !readJSON(w, r, &body) {
		return
	}
	if err := a.Store.Scan(body.TrackingCode, body.Status, body.Place, a.Now()); err != nil {
		fail(w, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func readJSON(w http.ResponseWriter, r *http.Request, into interface{}) bool {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		http.Error(w, "use POST", http.StatusMethodNotAllowed)
		return false
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		http.Error(w, "body is not valid", http.StatusBadRequest)
		return false
	}
	return true
}

func fail(w http.ResponseWriter, err error) {
	switch {
	case errors.Is(err, parcels.ErrNotFound):
		http.Error(w, "not found", http.StatusNotFound)
	case errors.Is(err, parcels.ErrExists), errors.Is(err, parcels.ErrFinal):
		http.Error(w, err.Error(), http.StatusConflict)
	default:
		log.Printf("unexpected error: %v", err)
		http.Error(w, "internal error", http.StatusInternalServerError)
	}
}

func writeJSON(w http.ResponseWriter, status int, value interface{}) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(value); err != nil {
		log.Printf("write answer: %v", err)
	}
}
