// Package slack tells rows of the outbox in Slack. With a bot's token an incident is one message, which is
// edited as the incident goes on and has its news in its thread, with a button that acknowledges it; with
// an incoming webhook each news is a message of its own. It keeps the limits that Slack documents: what is too long is
// shortened, it is never dropped.
package slack
