// Package alertconf reads who is told of incidents, in Alertmanager's words: its routes,
// receivers, inhibition rules and time intervals, written in burnline.yaml or in a whole file
// of Alertmanager's. It says at once, with file and line, what is wrong and what is not
// supported, and makes of the rest what package alerting routes by and the senders.
package alertconf
