// Package silences holds the rules for silences: who may keep what quiet for how long, what
// a silence would mute before it does, how one is changed, and when it ends by itself.
package silences
