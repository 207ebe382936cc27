package decoy

// servePort says its banner, if it was given one, and listens.
func servePort(s *session) {
	if s.options.Banner != "" && !s.say("%s\r\n", s.options.Banner) {
		return
	}
	for {
		line, ok := s.line()
		if !ok {
			return
		}
		if line != "" {
			s.rec.command(line)
		}
	}
}
