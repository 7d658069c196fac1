// Package parcels keeps parcels and their scans.
package parcels

import (
	"errors"
	"sort"
	"strings"
	"sync"
	"time"

	"harbourline.example/gateway/internal/trackingapi"
)

// Errors that the store gives.
var (
	ErrNotFound = errors.New("parcels: not found")
	ErrExists   = errors.New("parcels: tracking code is taken")
	ErrFinal    = errors.New("parcels: parcel is already collected or returned")
)

// MaxResults is the most parcels that a search gives.
const MaxResults = 50

// Store keeps parcels in memory; it can be shared among goroutines.
type Store struct {
	mu      sync.RWMutex
	parcels map[string]*record
}

type record struct {
	parcel trackingapi.Parcel
	owner  string
}

// NewStore makes an empty store.
func NewStore() *Store {
	return &Store{parcels: make(map[string]*record)}
}

// Announce adds a parcel that a partner is going to send.
func (s *Store) Announce(owner, code string, size trackingapi.ParcelSize, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.parcels[code]; taken {
		return ErrExists
	}
	s.parcels[code] = &record{
		owner: owner,
		parcel: trackingapi.Parcel{
			TrackingCode: code,
			Size:         size,
			Status:       trackingapi.ParcelStatusAnnounced,
			Events: []trackingapi.TrackingEvent{
				{At: at.Format(time.RFC3339), Status: trackingapi.ParcelStatusAnnounced},
			},
		},
	}
	return nil
}

// Scan records where a parcel is.
func (s *Store) Scan(code string, status trackingapi.ParcelStatus, place string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, ok := s.parcels[code]
	if !ok {
		return ErrNotFound
	}
	if Final(r.parcel.Status) {
		return ErrFinal
	}
	r.parcel.Status = status
	r.parcel.Events = append(r.parcel.Events, trackingapi.TrackingEvent{
		At:     at.Format(time.RFC3339),
		Status: status,
		Place:  place,
	})
	return nil
}

// Get gives a parcel of the owner; those of others are not found.
func (s *Store) Get(owner, code string) (trackingapi.Parcel, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	r, ok := s.parcels[code]
	if !ok || r.owner != owner {
		return trackingapi.Parcel{}, ErrNotFound
	}
	return copyOf(r.parcel), nil
}

// Search gives the owner's parcels whose code starts with prefix, in order of code.
func (s *Store) Search(owner, prefix string) []trackingapi.Parcel {
	s.mu.RLock()
	defer s.mu.RUnlock()
	found := make([]trackingapi.Parcel, 0)
	for code, r := range s.parcels {
		if r.owner == owner && strings.HasPrefix(code, prefix) {
			found = append(found, copyOf(r.parcel))
		}
	}
	sort.Slice(found, func(i, j int) bool {
		return found[i].TrackingCode < found[j].TrackingCode
	})
	if len(found) > MaxResults {
		found = found[:MaxResults]
	}
	return found
}

// Final tells whether nothing more happens to a parcel in that state.
func Final(status trackingapi.ParcelStatus) bool {
	return status == trackingapi.ParcelStatusCollected || status == trackingapi.ParcelStatusReturned
}

func copyOf(p trackingapi.Parcel) trackingapi.Parcel {
	p.Events = append([]trackingapi.TrackingEvent(nil), p.Events...)
	return p
}
