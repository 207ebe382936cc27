// Package decoy is bait: services that nobody has a reason to speak to, and canary
// tokens that nobody has a reason to touch. Whoever does is an intruder, or lost.
//
// A Server runs decoy services. Each speaks enough of its protocol to learn what the
// visitor tries: names, passwords, commands, paths, tools. What it learns is a Visit.
//
//	server := decoy.NewServer(decoy.Config{Now: now, Random: random, Visits: visits})
//	err := server.Serve(ctx, listener, decoy.Trap{ID: id, Service: "ssh"})
//
// A decoy is a place where an attacker is welcome, so it is built to be useless to
// him: the package opens no file, starts no program and dials nobody (a test reads
// its source for that); every visit is bounded in bytes and time, every address and
// the whole server in connections; a panic ends one visit and nothing else.
//
// What is not contained: a panic in a goroutine that golang.org/x/crypto/ssh starts for
// itself would end the process, so decoys that face strangers run in one of their own.
//
// Tokens are made by Make and recognised by Recognise, RecogniseName and
// RecogniseText. They are recognised by shape alone; whether a token is ours is
// answered by whoever keeps the Hash of its id.
package decoy
