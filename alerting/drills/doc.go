// Package drills runs drills by a schedule: when one is due, which node runs it, what is kept
// of it, and who hears of one that failed or did not take place. The drill itself is a
// function that it is given.
package drills
