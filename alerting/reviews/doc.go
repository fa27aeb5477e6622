// Package reviews holds the rules of what follows an incident: what people note of it, whether
// telling them was useful or noise, what is to be done, and what is made of all that: the
// timeline, the draft of a postmortem, the review of a week and the hand-over of a shift.
package reviews
