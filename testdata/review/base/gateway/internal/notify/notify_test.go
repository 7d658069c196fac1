package notify

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"harbourline.example/gateway/internal/trackingapi"
)

var message = Message{
	TrackingCode: "HL-7Q2K9D",
	Event:        trackingapi.TrackingEvent{Status: trackingapi.ParcelStatusInLocker},
}

func senderFor(server *httptest.Server) *Sender {
	s := NewSender(server.Client())
	s.pause = 0
	return s
}

func TestSendSignsTheBody(t *testing.T) {
	secret := []byte("secret-for-tests")
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if got := r.Header.Get("X-Harbourline-Signature"); got != Sign(secret, body) {
			t.Errorf("signature = %q", got)
		}
	}))
	defer server.Close()
	if err := senderFor(server).Send(context.Background(), Target{server.URL, secret}, message); err != nil {
		t.Fatal(err)
	}
}

func TestSendTriesAgain(t *testing.T) {
	calls := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls++
		if calls < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}
	}))
	defer server.Close()
	if err := senderFor(server).Send(context.Background(), Target{URL: server.URL}, message); err != nil {
		t.Fatal(err)
	}
	if calls != 3 {
		t.Errorf("calls = %d, want 3", calls)
	}
}

func TestSendGivesUp(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(http.StatusGone)
	}))
	defer server.Close()
	if err := senderFor(server).Send(context.Background(), Target{URL: server.URL}, message); err == nil {
		t.Fatal("no error after three refusals")
	}
}
