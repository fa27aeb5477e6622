// Package statuspage serves the page that customers read: HTML, JSON, a feed and badges. Everything is
// made once every few seconds, whoever asks, so that no number of visitors reaches the engine or a
// store, and it goes on being answered while a store is away.
package statuspage
