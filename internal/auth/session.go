package auth

import "time"

// Session is that somebody is signed in. The browser has a secret of which only the hash is kept.
type Session struct {
	Hash string `json:"hash"`
	User string `json:"user"`
	// Epoch is the user's when it began.
	Epoch string `json:"epoch"`
	// From is the address from which it began.
	From    string    `json:"from"`
	Created time.Time `json:"created"`
	// Seen is when it was last used, to a few minutes.
	Seen time.Time `json:"seen"`
	// Ended is when somebody signed out; zero before that.
	Ended time.Time `json:"ended,omitzero"`
}

// Limits are how long a session lasts.
type Limits struct {
	// Idle is how long without a request, Absolute how long at most.
	Idle, Absolute time.Duration
}

// DefaultLimits are a working day without a request, and a week.
func DefaultLimits() Limits { return Limits{Idle: 12 * time.Hour, Absolute: 7 * 24 * time.Hour} }

// seenEvery is to what a use of a session is noted: each note is a write.
func (l Limits) seenEvery() time.Duration { return min(5*time.Minute, l.Idle/4) }

// Ends is when a session is over unless it is used.
func (s Session) Ends(l Limits) time.Time {
	idle, absolute := s.Seen.Add(l.Idle), s.Created.Add(l.Absolute)
	switch {
	case !s.Ended.IsZero():
		return s.Ended
	case idle.Before(absolute):
		return idle
	}
	return absolute
}

// Holds reports whether a session of a user is still one.
func (s Session) Holds(u User, l Limits, at time.Time) bool {
	return s.User == u.Name && s.Epoch == u.Epoch && at.Before(s.Ends(l))
}
