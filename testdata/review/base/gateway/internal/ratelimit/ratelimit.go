// Package ratelimit limits how often each partner may call.
package ratelimit

import (
	"net/http"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"harbourline.example/gateway/internal/auth"
)

// Limiter keeps one token bucket for each partner.
type Limiter struct {
	perSecond rate.Limit
	burst     int
	idle      time.Duration
	now       func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	limiter *rate.Limiter
	seen    time.Time
}

// New makes a limiter; buckets that were not used for idle are dropped by Sweep.
func New(perSecond float64, burst int, idle time.Duration) *Limiter {
	return &Limiter{
		perSecond: rate.Limit(perSecond),
		burst:     burst,
		idle:      idle,
		now:       time.Now,
		buckets:   make(map[string]*bucket),
	}
}

// Allow takes one token from the partner's bucket.
func (l *Limiter) Allow(partnerID string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b, ok := l.buckets[partnerID]
	if !ok {
		b = &bucket{limiter: rate.NewLimiter(l.perSecond, l.burst)}
		l.buckets[partnerID] = b
	}
	b.seen = now
	return b.limiter.AllowN(now, 1)
}

// Sweep drops idle buckets and tells how many.
func (l *Limiter) Sweep() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	dropped := 0
	for id, b := range l.buckets {
		if l.now().Sub(b.seen) > l.idle {
			delete(l.buckets, id)
			dropped++
		}
	}
	return dropped
}

// Wrap answers 429 when the partner of the request calls too often.
func (l *Limiter) Wrap(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		partner, ok := auth.FromContext(r.Context())
		if ok && !l.Allow(partner.ID) {
			w.Header().Set("Retry-After", "1")
			http.Error(w, "too many requests", http.StatusTooManyRequests)
			return
		}
		next.ServeHTTP(w, r)
	})
}
