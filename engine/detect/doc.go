// Package detect finds events that match Sigma rules.
//
// It is pure: rules and events in, matches out. Read it in this order:
//
//	rule.go, parse.go        a rule as it is written, and how it is read
//	selection.go, modifier.go, pattern.go, condition.go
//	                         what a selection says, down to one test of one field
//	pipeline.go, filter.go   how an organisation bends rules to its own fields
//	correlation.go           rules about several events
//	source.go                which rules an event can concern at all
//	fields.go, needs.go, fold.go
//	                         an event, opened once and no further than rules ask
//	cover.go, grams.go, words.go, engine.go, match.go
//	                         how thousands of rules cost as little as the few that match
//	correlate.go, window.go  counting and ordering matches in time
//	stream.go                events out of a file
//
// The idea of the speed: of every rule the compiler takes a cover, a set of pieces of
// text of which at least one must be in a certain field for the rule to match. One
// table for each field finds all pieces in one pass over its text. Only rules whose
// piece was seen are evaluated, and their evaluation alone decides.
package detect
