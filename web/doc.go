// Package web is the user interface: server-rendered pages over the waist.
//
// The generic pages (list, detail, form, bin, history, bulk changes) follow from
// the description of each kind. Workbenches are pages made for a job; package
// web/page writes them and hands them in through Config, so that this package
// does not know them.
//
// How to read it: site.go puts everything together; page.go is what a workbench
// sees of it; request.go is one request; errors.go the only place that turns an
// error into an answer. list*.go, detail*.go, form*.go and bulk.go are the generic
// pages; value.go shows one field; format.go numbers, money and time.
package web
