// Package maintenance makes planned work one act: its time does not count in budgets (a
// correction), nobody is woken by it (a silence), and customers read of it (the status page).
package maintenance
