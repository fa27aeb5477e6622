package alerting

import (
	"context"
	"time"
)

// StatusPost is what somebody wrote for customers, to be read on the status page.
type StatusPost struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
	// Title may be "". Title and Text are plain.
	Title string `json:"title,omitempty"`
	Text  string `json:"text"`
	// Journeys are the names of those that it is about, as the status page has them; none is all.
	Journeys []string `json:"journeys,omitempty"`
	// By wrote it, and RemovedBy took it back at Removed. Customers read neither.
	By        string    `json:"by"`
	Removed   time.Time `json:"removed,omitzero"`
	RemovedBy string    `json:"removed_by,omitempty"`
}

// StatusPostStore keeps posts for good. storage/state implements it.
type StatusPostStore interface {
	// EditStatusPost shows edit the post of the ID, which is nil where there is none, and writes what
	// it returns; it is safe on disk when EditStatusPost returns nil. An error of edit changes nothing and is
	// returned. Edit must be pure: it may be asked again.
	EditStatusPost(ctx context.Context, id string, edit func(*StatusPost) (StatusPost, error)) error
	// StatusPosts returns the posts after a moment, the newest first, those among them that were taken
	// back.
	StatusPosts(ctx context.Context, since time.Time) ([]StatusPost, error)
}
