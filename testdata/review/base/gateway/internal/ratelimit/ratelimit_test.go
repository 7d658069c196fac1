package ratelimit

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"harbourline.example/gateway/internal/auth"
)

func limiterAt(start time.Time, perSecond float64, burst int) (*Limiter, *time.Time) {
	now := start
	l := New(perSecond, burst, time.Minute)
	l.now = func() time.Time { return now }
	return l, &now
}

func TestAllowRefills(t *testing.T) {
	l, now := limiterAt(time.Unix(1000, 0), 1, 2)
	if !l.Allow("depot") || !l.Allow("depot") {
		t.Fatal("the burst was refused")
	}
	if l.Allow("depot") {
		t.Fatal("a third call in the same second was allowed")
	}
	*now = now.Add(time.Second)
	if !l.Allow("depot") {
		t.Fatal("the bucket was not refilled")
	}
}

func TestPartnersHaveTheirOwnBuckets(t *testing.T) {
	l, _ := limiterAt(time.Unix(1000, 0), 1, 1)
	if !l.Allow("depot") || !l.Allow("bookshop") {
		t.Fatal("one partner used up the bucket of another")
	}
}

func TestSweepDropsIdleBuckets(t *testing.T) {
	l, now := limiterAt(time.Unix(1000, 0), 1, 1)
	l.Allow("depot")
	*now = now.Add(2 * time.Minute)
	l.Allow("bookshop")
	if got := l.Sweep(); got != 1 {
		t.Errorf("Sweep() = %d, want 1", got)
	}
}

func TestWrapAnswers429(t *testing.T) {
	l, _ := limiterAt(time.Unix(1000, 0), 1, 1)
	handler := l.Wrap(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	want := []int{http.StatusOK, http.StatusTooManyRequests}
	for i, status := range want {
		request := httptest.NewRequest(http.MethodGet, "/v1/parcels", nil)
		request = request.WithContext(auth.WithPartner(request.Context(), auth.Partner{ID: "depot"}))
		recorder := httptest.NewRecorder()
		handler.ServeHTTP(recorder, request)
		if recorder.Code != status {
			t.Errorf("call %d: status = %d, want %d", i, recorder.Code, status)
		}
	}
}
