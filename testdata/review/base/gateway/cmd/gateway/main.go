// Command gateway serves the tracking API to partners.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"

	"harbourline.example/gateway/internal/auth"
	"harbourline.example/gateway/internal/httpapi"
	"harbourline.example/gateway/internal/parcels"
	"harbourline.example/gateway/internal/ratelimit"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	flags := flag.NewFlagSet("gateway", flag.ContinueOnError)
	listen := flags.String("listen", ":8080", "address to listen on")
	keyFile := flags.String("keys", "", "JSON file with the digests of partner tokens")
	perSecond := flags.Float64("rate", 20, "calls that a partner may make in a second")
	if err := flags.Parse(args); err != nil {
		return err
	}
	keys, err := readKeys(*keyFile)
	if err != nil {
		return err
	}
	limiter := ratelimit.New(*perSecond, int(*perSecond)*2, 10*time.Minute)
	go sweep(limiter)
	api := &httpapi.API{Store: parcels.NewStore(), Keys: keys, Limiter: limiter, Now: time.Now}
	server := &http.Server{
		Addr:              *listen,
		Handler:           api.Handler(),
		ReadHeaderTimeout: 5 * time.Second,
		WriteTimeout:      15 * time.Second,
		IdleTimeout:       time.Minute,
	}
	log.Printf("listening on %s", *listen)
	return server.ListenAndServe()
}

func sweep(limiter *ratelimit.Limiter) {
	for range time.Tick(time.Minute) {
		if dropped := limiter.Sweep(); dropped > 0 {
			log.Printf("dropped %d idle buckets", dropped)
		}
	}
}

func readKeys(path string) (auth.Keyring, error) {
	if path == "" {
		return nil, errors.New("-keys is required")
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	var keys auth.Keyring
	if err := json.Unmarshal(data, &keys); err != nil {
		return nil, fmt.Errorf("read keys: %w", err)
	}
	return keys, nil
}
