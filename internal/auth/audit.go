package auth

import "time"

// Outcome is what became of a request.
type Outcome string

// The outcomes: it was done, it was not allowed or not sound, or Burnline could not do it.
const (
	Done    Outcome = "done"
	Refused Outcome = "refused"
	Failed  Outcome = "failed"
)

// Outcomes are all of them.
func Outcomes() []Outcome { return []Outcome{Done, Refused, Failed} }

// Entry is a line of the audit log: what somebody changed, or tried to. None is ever changed.
type Entry struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Who is a user, a token, or a part of Burnline such as the file watch; "" for whoever asked
	// where sign-in is off.
	Who string `json:"who"`
	// Way is how they got in, Token the ID of the token.
	Way   Way    `json:"way,omitempty"`
	Token string `json:"token,omitempty"`
	// From is the address that asked; "" for Burnline itself.
	From string `json:"from,omitempty"`
	// Act says in words what it was, and Route by which way.
	Act   string `json:"act"`
	Route string `json:"route,omitempty"`
	// Object names what it was done to; Detail says more.
	Object  string  `json:"object,omitempty"`
	Outcome Outcome `json:"outcome"`
	// Status is the answer's; 0 where nobody was answered.
	Status int    `json:"status,omitempty"`
	Detail string `json:"detail,omitempty"`
}

const (
	mostObject = 500
	mostDetail = 2000
	// MostEntries bounds what one question to the log returns.
	MostEntries = 10_000
)

// EntryFilter narrows the audit log. The zero value of a field narrows nothing.
type EntryFilter struct {
	Who string
	// What is a part of the act, the object or the route.
	What    string
	Outcome Outcome
	// From and To bound the time, To is not part of it.
	From, To time.Time
	// Before is the ID of an entry after which older ones follow.
	Before string
	// Limit is how many are returned at most, the newest; MostEntries where it is 0.
	Limit int
}

// cut shortens what came from outside.
func cut(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xC0 == 0x80 { // not within a character
		most--
	}
	return text[:most] + "…"
}
