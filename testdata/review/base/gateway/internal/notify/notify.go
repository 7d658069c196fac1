// Package notify tells partners about scans through their webhooks.
package notify

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"harbourline.example/gateway/internal/trackingapi"
)

// Target is where a partner wants to be told.
type Target struct {
	URL    string
	Secret []byte
}

// Message is what is sent.
type Message struct {
	TrackingCode string                    `json:"trackingCode"`
	Event        trackingapi.TrackingEvent `json:"event"`
}

// Sender posts messages to webhooks.
type Sender struct {
	client   *http.Client
	attempts int
	pause    time.Duration
}

// NewSender makes a sender that tries each message up to three times.
func NewSender(client *http.Client) *Sender {
	return &Sender{client: client, attempts: 3, pause: 500 * time.Millisecond}
}

// Send posts the message, signed with the target's secret.
func (s *Sender) Send(ctx context.Context, target Target, message Message) error {
	body, err := json.Marshal(message)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	var last error
	for attempt := 0; attempt < s.attempts; attempt++ {
		if attempt > 0 {
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(s.pause << (attempt - 1)):
			}
		}
		if last = s.post(ctx, target, body); last == nil {
			return nil
		}
	}
	return fmt.Errorf("send to %s: %w", target.URL, last)
}

func (s *Sender) post(ctx context.Context, target Target, body []byte) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, target.URL, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("X-Harbourline-Signature", Sign(target.Secret, body))
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)); err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return fmt.Errorf("status %d", response.StatusCode)
	}
	return nil
}

// Sign gives the hex HMAC-SHA256 of a body.
func Sign(secret, body []byte) string {
	mac := hmac.New(sha256.New, secret)
	mac.Write(body)
	return hex.EncodeToString(mac.Sum(nil))
}
