// Package msteams tells rows of the outbox in Microsoft Teams: as an adaptive card to a Workflows webhook, or as the
// older card to an Office 365 connector, which Microsoft has retired. It keeps the limits that Microsoft documents.
package msteams
