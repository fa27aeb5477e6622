package app

import (
	"context"
	"time"

	"burnline/alerting/reviews"
)

// buildReviews makes what takes notes, verdicts and actions of incidents.
func (p *parts) buildReviews(context.Context, *teardown) (err error) {
	p.reviews, err = reviews.New(p.state, p.state, time.Now)
	return err
}

// night is when pages wake people by the configuration in force.
func (p *parts) night() reviews.Night {
	if n, err := p.set.Load().Config.Reviews.night(); err == nil {
		return n
	}
	return reviews.DefaultNight()
}
