// Package post is what every integration needs to reach its receiver and must not
// do in its own way: a transport that lets go of silent connections, requests
// whose secrets no redirect, error or kept answer passes on, answers of bounded length in
// one line, and the meaning of HTTP's status codes.
package post
