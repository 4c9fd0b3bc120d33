#!/bin/sh
# A cable has an end at each port, ca<number> and cb<number>, joined by a bridge. As light does on a fibre, this makes a
# port that is down take the carrier from the port at the other end: an end without a carrier has the other end set down.
# An end that was set down says nothing; the other one then does. /run/cables remembers which those are, and what is cut.
cd /run/cables || exit 1
ip -rcvbuf 16777216 -o monitor link | while read -r index name rest; do
  name=${name%%@*}
  case $name in
    ca[0-9]*) cable=${name#ca} other=cb$cable ;;
    cb[0-9]*) cable=${name#cb} other=ca$cable ;;
    *) continue ;;
  esac
  if [ "$index" = Deleted ] || [ -e "cut$cable" ] || [ -e "$name" ]; then continue; fi
  case $rest in
    *,LOWER_UP*)
      if [ -e "$other" ]; then rm "$other"; ip link set dev "$other" up; fi ;;
    *[\<,]UP[,\>]*)
      if [ ! -e "$other" ]; then : > "$other"; ip link set dev "$other" down; fi ;;
  esac
done
