package main

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"burnline/bench/internal/fleet"
	"burnline/bench/internal/rig"
)

// ask is one kind of request; path gives another address each time.
type ask struct {
	name string
	path func(r *rand.Rand) string
}

// asks are what people look at: they open a page, search, turn pages and look at an SLO.
func (o options) asks() []ask {
	slo := func(r *rand.Rand) string { return fleet.Service(r.IntN(o.slos)) + "/availability" }
	return []ask{
		{"the list, first page", func(*rand.Rand) string { return "/" }},
		{"the list, searched", func(r *rand.Rand) string { return fmt.Sprintf("/?q=service-%03d", r.IntN(max(1, o.slos/100))) }},
		{"the list of a team", func(r *rand.Rand) string { return fmt.Sprintf("/?team=team-%02d", r.IntN(40)) }},
		{"the list, another page by burn", func(r *rand.Rand) string { return fmt.Sprintf("/?page=%d&sort=burn", 1+r.IntN(max(1, o.slos/100))) }},
		{"the list by team, folded", func(*rand.Rand) string { return "/?by=team&fold=%2A" }},
		{"an SLO's page", func(r *rand.Rand) string { return "/slo/" + slo(r) }},
		{"an SLO's charts", func(r *rand.Rand) string { return "/api/v1/charts/" + slo(r) + "?range=6h" }},
		{"the API's list, 100 SLOs", func(*rand.Rand) string { return "/api/v1/slos?limit=100&sort=budget" }},
	}
}

// times are how long each kind of request took, by its name.
type times map[string][]time.Duration

// crowd lets clients ask for so long and returns how long each answer took, from the request to
// its last byte; a wrong answer ends it. A pause of 0 never rests; else each client asks once in that time.
func (o options) crowd(ctx context.Context, b *rig.Burnline, clients int, pause time.Duration) (times, error) {
	ctx, cancel := context.WithTimeout(ctx, o.measured)
	defer cancel()
	var mu sync.Mutex
	all, asks := times{}, o.asks()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var failed error
	var wg sync.WaitGroup
	for k := range clients {
		wg.Go(func() {
			r := rand.New(rand.NewPCG(1, uint64(k)))
			if pause > 0 && rig.Wait(ctx, time.Duration(r.Int64N(int64(pause)))) != nil {
				return
			}
			for i := k; ; i++ {
				a := asks[i%len(asks)]
				begun := time.Now()
				err := get(ctx, client, "http://"+b.Web+a.path(r))
				took := time.Since(begun)
				if ctx.Err() != nil {
					return
				}
				mu.Lock()
				if err != nil {
					failed = err
					cancel()
				}
				all[a.name] = append(all[a.name], took)
				mu.Unlock()
				if pause > 0 && rig.Wait(ctx, pause-min(took, pause)) != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return all, failed
}

// get reads an answer to its end.
func get(ctx context.Context, client *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	resp, err := client.Do(req)
	if err != nil {
		return fmt.Errorf("ask for %s: %w", url, err)
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return fmt.Errorf("read %s: %w", url, err)
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("ask for %s: answered %s", url, resp.Status)
	}
	return nil
}

// quantile returns the value that so many of all are not above; 0 of none.
func quantile(all []time.Duration, q float64) time.Duration {
	if len(all) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(all))
	return sorted[min(int(q*float64(len(sorted))), len(sorted)-1)]
}
