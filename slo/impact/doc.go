// Package impact finds out what an incident does to customers: how many are hurt, where,
// and which traces show it. It takes the spans that the SLOs judge, keeps what is needed in
// memory within stated bounds, and answers from memory alone, so that a page never waits for it.
package impact
