// Package ingest decides who may send telemetry, alerts and changes, on whatever port they come: by
// tokens that internal/auth keeps, by tokens in files, or by client certificates.
package ingest
