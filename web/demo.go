package web

import (
	"crypto/subtle"

	"holdfast/kind"
)

// enterDemo signs in whoever holds the link that the demo printed on the terminal.
// It works as long as the demo runs, because people open it in several browsers.
func (s *Site) enterDemo(r *Request) error {
	if subtle.ConstantTimeCompare([]byte(r.PathValue("secret")), []byte(s.Demo.Secret)) != 1 {
		return kind.Errorf(kind.NotFound, "this is not the link that the demo printed")
	}
	open, err := s.App.SignIn(r.Context(), s.Demo.Email, s.Demo.Password)
	if err != nil {
		return err
	}
	if err := s.enter(r.Context(), open); err != nil {
		return err
	}
	return r.Redirect("/")
}
