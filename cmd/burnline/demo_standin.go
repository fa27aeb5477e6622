package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"burnline/internal/demo"
	"burnline/internal/harness/pagerduty"
)

// demoKey is the integration key that the stand-in knows.
const demoKey = "d3m0d3m0d3m0d3m0d3m0d3m0d3m0d3m0"

// startStandIn starts the stand-in for PagerDuty. What it accepts comes out of
// the channel until ctx ends.
func startStandIn(ctx context.Context) (*pagerduty.Server, <-chan demo.Event, error) {
	events := make(chan demo.Event, 64)
	server := pagerduty.New(pagerduty.Options{
		Keys: []string{demoKey},
		OnAccept: func(a pagerduty.Accepted) {
			select {
			case events <- demoEvent(a):
			case <-ctx.Done():
			}
		},
	})
	if err := server.Start(ctx); err != nil {
		return nil, nil, fmt.Errorf("start the stand-in for PagerDuty: %w", err)
	}
	return server, events, nil
}

// demoEvent turns an accepted event into one that the story can show.
func demoEvent(a pagerduty.Accepted) demo.Event {
	e := demo.Event{
		Action:   a.Event.EventAction,
		DedupKey: a.Event.DedupKey,
		Severity: a.Event.Payload.Severity,
		Summary:  a.Event.Payload.Summary,
		Source:   a.Event.Payload.Source,
		Details:  facts(a.Event.Payload.CustomDetails),
		At:       a.At,
	}
	for _, l := range a.Event.Links {
		e.Links = append(e.Links, demo.Fact{Name: l.Text, Text: l.Href})
	}
	return e
}

// facts reads an object's fields in the order in which they were sent: the
// sender put the most important first. What is no object has no facts.
func facts(object []byte) []demo.Fact {
	dec := json.NewDecoder(bytes.NewReader(object))
	if open, err := dec.Token(); err != nil || open != json.Delim('{') {
		return nil
	}
	var fs []demo.Fact
	for dec.More() {
		name, err := dec.Token()
		if err != nil {
			return fs
		}
		var value any
		if err := dec.Decode(&value); err != nil {
			return fs
		}
		fs = append(fs, demo.Fact{Name: fmt.Sprint(name), Text: fmt.Sprint(value)})
	}
	return fs
}
