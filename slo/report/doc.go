// Package report says how promises were kept over days, months, quarters and years: purely,
// from the definitions with their versions, the totals of days, corrections, and incidents.
// Every figure stands raw and corrected, and what is unknown is never counted as good.
package report
