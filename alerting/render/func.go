package render

import "burnline/alerting"

// Func renders a user's template for a row. Its error says what is wrong in one line.
type Func func(text string, row alerting.Row) (string, error)
