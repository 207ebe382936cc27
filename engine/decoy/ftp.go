package decoy

import "strings"

// serveFTP records names, passwords and commands. It opens no connection for data in
// either direction, so nothing can be fetched from it, put onto it, or bounced off it.
func serveFTP(s *session) {
	if !s.say("220 %s\r\n", s.options.Banner) {
		return
	}
	user, inside := "", false
	for {
		line, ok := s.line()
		if !ok {
			return
		}
		if strings.TrimSpace(line) == "" {
			continue
		}
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		verb, arg = strings.ToUpper(verb), strings.TrimSpace(arg)
		switch verb {
		case "USER":
			user, inside = arg, false
			ok = s.say("331 Please specify the password.\r\n")
		case "PASS":
			s.rec.credential(user, arg, "password")
			inside = s.admits()
			ok = s.say("%s", ftpVerdict(inside))
		case "QUIT":
			s.say("221 Goodbye.\r\n")
			return
		default:
			s.rec.command(line)
			ok = s.say("%s", ftpAnswer(verb, arg, inside))
		}
		if !ok {
			return
		}
	}
}

func ftpVerdict(inside bool) string {
	if inside {
		return "230 Login successful.\r\n"
	}
	return "530 Login incorrect.\r\n"
}

// ftpAnswer answers what is neither a name nor a password.
func ftpAnswer(verb, arg string, inside bool) string {
	switch verb {
	case "SYST":
		return "215 UNIX Type: L8\r\n"
	case "FEAT":
		return "211-Features:\r\n UTF8\r\n PASV\r\n EPSV\r\n SIZE\r\n211 End\r\n"
	case "OPTS":
		return "200 Always in UTF8 mode.\r\n"
	case "NOOP":
		return "200 NOOP ok.\r\n"
	case "AUTH", "PBSZ", "PROT", "HOST":
		return "530 Please login with USER and PASS.\r\n"
	case "HELP":
		return "214-The following commands are recognized.\r\n CWD LIST NOOP PASS PASV PWD QUIT RETR STOR SYST TYPE USER\r\n214 Help OK.\r\n"
	}
	if !inside {
		return "530 Please login with USER and PASS.\r\n"
	}
	switch verb {
	case "PWD", "XPWD":
		return "257 \"/\" is the current directory\r\n"
	case "CWD", "CDUP":
		return "250 Directory successfully changed.\r\n"
	case "TYPE", "MODE", "STRU":
		return "200 Switching to that mode.\r\n"
	case "PASV", "EPSV", "PORT", "EPRT":
		return "425 Can't open data connection.\r\n"
	case "LIST", "NLST", "MLSD", "RETR", "STOR", "APPE":
		return "425 Use PORT or PASV first.\r\n"
	case "SIZE", "MDTM", "DELE", "MKD", "RMD", "RNFR", "SITE":
		return "550 Permission denied.\r\n"
	}
	return "500 Unknown command.\r\n"
}
