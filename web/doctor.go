package web

import (
	"context"
	"net/http"

	"github.com/gin-gonic/gin"
)

// DiagnosisLevel says how bad a finding of a diagnosis is.
type DiagnosisLevel string

// The levels of findings.
const (
	DiagnosisOK      DiagnosisLevel = "ok"
	DiagnosisWarning DiagnosisLevel = "warning"
	DiagnosisProblem DiagnosisLevel = "problem"
)

// Diagnosed is one thing that was looked at.
type Diagnosed struct {
	// Topic is arrives, slos, refused, receivers, clock, secrets, routes, watch, access, keeps, disk or server.
	Topic string         `json:"topic"`
	Level DiagnosisLevel `json:"level"`
	// Subject is what it is about, such as a job, an SLO or a receiver.
	Subject string `json:"subject"`
	Message string `json:"message"`
	// Remedy says what to do; "" where nothing is to be done.
	Remedy string `json:"remedy"`
}

// diagnosisJSON is everything that was looked at, in order of topic.
type diagnosisJSON struct {
	Findings []Diagnosed `json:"findings"`
	// Problems and Warnings count them.
	Problems int `json:"problems"`
	Warnings int `json:"warnings"`
}

// doctorRoutes say what arrives and whether a page would reach somebody.
func (s *server) doctorRoutes() []route {
	if s.Doctor == nil {
		return nil
	}
	return []route{api(http.MethodGet, "/api/v1/doctor", toShow, s.apiDoctor, operation{
		summary: "What arrives, what was refused, and whether a page would reach somebody; receivers are connected to and nothing is sent", answer: diagnosisJSON{}})}
}

func (s *server) apiDoctor(c *gin.Context) {
	out := diagnosisJSON{Findings: append([]Diagnosed{}, s.Doctor(c.Request.Context())...)}
	for _, f := range out.Findings {
		switch f.Level {
		case DiagnosisProblem:
			out.Problems++
		case DiagnosisWarning:
			out.Warnings++
		}
	}
	c.JSON(http.StatusOK, out)
}

// Doctor looks at a running server. It takes seconds, and asks each thing at most every few seconds.
type Doctor = func(ctx context.Context) []Diagnosed
