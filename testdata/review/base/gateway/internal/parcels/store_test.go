package parcels

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"harbourline.example/gateway/internal/trackingapi"
)

var noon = time.Date(2024, 5, 2, 12, 0, 0, 0, time.UTC)

func storeWith(t *testing.T, codes ...string) *Store {
	t.Helper()
	s := NewStore()
	for _, code := range codes {
		if err := s.Announce("bookshop", code, trackingapi.ParcelSizeM, noon); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

func TestAnnounceRefusesTakenCodes(t *testing.T) {
	s := storeWith(t, "HL-7Q2K9D")
	err := s.Announce("depot", "HL-7Q2K9D", trackingapi.ParcelSizeS, noon)
	if !errors.Is(err, ErrExists) {
		t.Errorf("err = %v, want ErrExists", err)
	}
}

func TestScanAddsAnEvent(t *testing.T) {
	s := storeWith(t, "HL-7Q2K9D")
	if err := s.Scan("HL-7Q2K9D", trackingapi.ParcelStatusInLocker, "AMS-014", noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	p, err := s.Get("bookshop", "HL-7Q2K9D")
	if err != nil {
		t.Fatal(err)
	}
	if p.Status != trackingapi.ParcelStatusInLocker || len(p.Events) != 2 {
		t.Errorf("status = %s with %d events", p.Status, len(p.Events))
	}
	if p.Events[1].At != "2024-05-02T13:00:00Z" || p.Events[1].Place != "AMS-014" {
		t.Errorf("event = %+v", p.Events[1])
	}
}

func TestScanRefusesFinishedParcels(t *testing.T) {
	s := storeWith(t, "HL-7Q2K9D")
	if err := s.Scan("HL-7Q2K9D", trackingapi.ParcelStatusCollected, "AMS-014", noon); err != nil {
		t.Fatal(err)
	}
	if err := s.Scan("HL-7Q2K9D", trackingapi.ParcelStatusInTransit, "AMS", noon); !errors.Is(err, ErrFinal) {
		t.Errorf("err = %v, want ErrFinal", err)
	}
}

func TestGetHidesParcelsOfOthers(t *testing.T) {
	s := storeWith(t, "HL-7Q2K9D")
	if _, err := s.Get("depot", "HL-7Q2K9D"); !errors.Is(err, ErrNotFound) {
		t.Errorf("err = %v, want ErrNotFound", err)
	}
}

func TestGetGivesACopy(t *testing.T) {
	s := storeWith(t, "HL-7Q2K9D")
	first, _ := s.Get("bookshop", "HL-7Q2K9D")
	first.Events[0].Place = "changed"
	second, _ := s.Get("bookshop", "HL-7Q2K9D")
	if second.Events[0].Place != "" {
		t.Error("a caller changed the stored parcel")
	}
}

func TestSearchIsSortedAndBounded(t *testing.T) {
	s := NewStore()
	for n := 0; n < MaxResults+10; n++ {
		if err := s.Announce("bookshop", fmt.Sprintf("HL-%03d", n), trackingapi.ParcelSizeS, noon); err != nil {
			t.Fatal(err)
		}
	}
	found := s.Search("bookshop", "HL-0")
	if len(found) != MaxResults || found[0].TrackingCode != "HL-000" {
		t.Errorf("%d parcels, first %s", len(found), found[0].TrackingCode)
	}
	if got := s.Search("depot", "HL-"); len(got) != 0 {
		t.Errorf("found %d parcels of another partner", len(got))
	}
}
