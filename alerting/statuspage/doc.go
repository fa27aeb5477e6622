// Package statuspage says to customers how what they want to do works, now and over the last 90
// days: purely, in words without labels, teams or hosts. What is unknown is never told as working.
package statuspage
