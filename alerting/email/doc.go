// Package email sends rows of the outbox by SMTP. The mails of one incident are a thread, in
// plain text and HTML; the connection is encrypted unless the configuration says that it need not be.
package email
