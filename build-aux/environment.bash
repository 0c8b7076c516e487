# shellcheck shell=bash
# SPDX-FileCopyrightText: Giverny contributors
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The half of ./dev that gets to a place where Giverny can be built: this system with its own packages,
# where they are new enough, or else a Debian 13 root under the user's cache.  Read in by ./dev, which
# has set PROJECT, CACHE, say and die.
#
# $CACHE/ready says that all is done: the way, how this user enters the root, and the packages.

ROOT=$CACHE/root

# What the build and the tests use, by the names of the three families.
DEBIAN=(
  ca-certificates debian-archive-keyring gcc libc6-dev pkgconf meson ninja-build gettext git python3 locales
  libvulkan-dev mesa-vulkan-drivers glslang-tools spirv-tools libpng-dev libyyjson-dev libsqlite3-dev
  libgtk-4-dev libadwaita-1-dev libgtksourceview-5-dev blueprint-compiler
  adwaita-icon-theme librsvg2-common fonts-cantarell fonts-nanum appstream desktop-file-utils dbus
  vulkan-validationlayers vulkan-tools xvfb xauth xdotool valgrind gcovr clang libclang-rt-dev clang-format
)
FEDORA=(
  gcc glibc-devel libasan libubsan pkgconf-pkg-config meson ninja-build gettext git python3 glibc-langpack-ko
  vulkan-headers vulkan-loader-devel mesa-vulkan-drivers glslang spirv-tools libpng-devel yyjson-devel sqlite-devel
  gtk4-devel libadwaita-devel gtksourceview5-devel blueprint-compiler
  adwaita-icon-theme librsvg2 abattis-cantarell-fonts naver-nanum-gothic-fonts appstream desktop-file-utils dbus-daemon
  vulkan-validation-layers vulkan-tools xorg-x11-server-Xvfb xorg-x11-xauth xdotool valgrind gcovr
  clang compiler-rt clang-tools-extra
)
ARCH=(
  gcc glib2-devel pkgconf meson ninja gettext git python
  vulkan-headers vulkan-icd-loader vulkan-swrast glslang spirv-tools libpng yyjson sqlite
  gtk4 libadwaita gtksourceview5 blueprint-compiler
  adwaita-icon-theme librsvg cantarell-fonts noto-fonts-cjk appstream desktop-file-utils dbus
  vulkan-validation-layers vulkan-tools xorg-server-xvfb xorg-xauth xdotool valgrind clang compiler-rt
)

# Sets up what is not set up yet, and sets WAY.  Costs nothing where all is done.  "again" looks at everything.
set_up() {
  local start=$SECONDS packages="${DEBIAN[*]} ${FEDORA[*]} ${ARCH[*]}" have='' log=$CACHE/set-up.log
  WAY='' ENTRY=''
  if [[ -r $CACHE/ready && ${1:-} != again ]]; then
    { read -r WAY && read -r ENTRY && read -r have; } <"$CACHE/ready" || have=
    [[ $have == "$packages" && ${GIVERNY_WAY:-$WAY} == "$WAY" && (-d $ROOT || $WAY != root) ]] && return
  fi

  choose_way
  { mkdir -p "$CACHE" && [[ -w $CACHE ]]; } 2>/dev/null ||
    die "'$CACHE' cannot be written to; set XDG_CACHE_HOME to a folder of yours with 3 GB free"
  lock
  : >"$log"
  if [[ $WAY == root ]]; then
    set_up_root
  else
    set_up_system
  fi
  printf '%s\n' "$WAY" "$ENTRY" "$packages" >"$CACHE/ready.partial"
  mv "$CACHE/ready.partial" "$CACHE/ready"
  exec 9>&-
  say "Set up in $((SECONDS - start)) s."
}

# "apt", "dnf" or "pacman" where the system has GTK 4.18, libadwaita 1.7 and glslang 15, else "root".
choose_way() {
  local ID='' ID_LIKE='' VERSION_ID=''
  # shellcheck source=/dev/null
  if [[ -r /etc/os-release ]]; then . /etc/os-release; fi
  WAY=root ENTRY=system
  case $ID in
    debian) if at_least 13 "${VERSION_ID:-99}"; then WAY=apt; fi ;; # testing and unstable have no number
    ubuntu) if at_least 25.04 "$VERSION_ID"; then WAY=apt; fi ;;
    fedora) if at_least 42 "$VERSION_ID"; then WAY=dnf; fi ;;
    *) if [[ " $ID $ID_LIKE " == *" arch "* ]]; then WAY=pacman; fi ;;
  esac
  WAY=${GIVERNY_WAY:-$WAY}
}

at_least() {
  [[ $(printf '%s\n' "$1" "$2" | sort -V | head -n 1) == "$1" ]]
}

lock() {
  exec 9>"$CACHE/lock"
  flock --nonblock 9 && return
  say "Waiting for another ./dev that is setting up …"
  flock 9
}

# ---- This system -------------------------------------------------------------------------------------

set_up_system() {
  local missing=() install=()
  case $WAY in
    apt)
      mapfile -t missing < <(missing_packages dpkg --status "${DEBIAN[@]}")
      install=(apt-get install -qy --no-install-recommends)
      ;;
    dnf)
      mapfile -t missing < <(missing_packages rpm --query --whatprovides "${FEDORA[@]}")
      install=(dnf install -qy --setopt=install_weak_deps=False)
      ;;
    pacman)
      mapfile -t missing < <(pacman --deptest "${ARCH[@]}")
      install=(pacman --sync --noconfirm --needed)
      ;;
    *) die "GIVERNY_WAY is apt, dnf, pacman or root, not '$WAY'" ;;
  esac
  ((${#missing[@]})) || return 0
  say "Installing with $WAY: ${missing[*]}"
  if [[ $WAY == apt ]]; then
    privileged apt-get update -q >&2 || say "The package lists could not be renewed; going on with those at hand."
  fi
  privileged "${install[@]}" "${missing[@]}" >&2 || die "$WAY could not install the packages; its reason stands above"
}

# missing_packages QUERY OPTION NAME...: those names of which QUERY OPTION knows nothing.
missing_packages() {
  local query=("$1" "$2") name
  shift 2
  [[ $1 != --* ]] || { query+=("$1") && shift; }
  for name; do
    "${query[@]}" "$name" >/dev/null 2>&1 || echo "$name"
  done
}

privileged() {
  if ((EUID == 0)); then
    env DEBIAN_FRONTEND=noninteractive "$@"
  elif type -P sudo >/dev/null; then
    sudo env DEBIAN_FRONTEND=noninteractive "$@"
  else
    die "there is no sudo here, so please run this as root: $*"
  fi
}

# ---- The Debian 13 root ------------------------------------------------------------------------------

# It comes into being as root.partial; only a complete one is given its name.
set_up_root() {
  have_tools
  choose_entry
  mkdir -p "$CACHE/view"
  copy_certificates
  if [[ -d $ROOT ]]; then
    complete_root
  else
    save_downloads
    make_root
  fi
  in_root "$PROJECT/build-aux/finish-root" "$CACHE/certificates" >>"$log" 2>&1 ||
    log_and_die "the root could not be finished"
}

log_and_die() {
  tail -n 15 "$log" >&2
  die "$1; all that was said is in $log"
}

have_tools() {
  local keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  if type -P mmdebstrap unshare >/dev/null && [[ -r $keyring ]]; then
    return
  fi
  type -P apt-get >/dev/null ||
    die "this system's GTK is too old or unknown; please install mmdebstrap and debian-archive-keyring, and try again"
  say "Installing mmdebstrap, which makes the Debian 13 root …"
  privileged apt-get update -q >>"$log" 2>&1 || true
  privileged apt-get install -qy --no-install-recommends mmdebstrap debian-archive-keyring uidmap >>"$log" 2>&1 ||
    log_and_die "mmdebstrap could not be installed"
}

# Who can mount: root; anybody, in user namespaces where they are allowed; else sudo.
choose_entry() {
  if ((EUID == 0)); then
    ENTRY=root
  elif unshare --user --map-root-user --map-auto --mount \
    sh -c 'mount -t tmpfs none /mnt && touch /mnt/file && chown 1:1 /mnt/file' 2>>"$log"; then
    ENTRY=namespaces
  elif type -P sudo >/dev/null; then
    ENTRY=sudo
  else
    die "the Debian root needs user namespaces with subordinate ids (/etc/subuid), or sudo, or root"
  fi
}

# as_admin COMMAND...: as root over the files of the Debian root, in a mount namespace of its own.
as_admin() {
  case $ENTRY in
    root) unshare --mount "$@" ;;
    namespaces) unshare --user --map-root-user --map-auto --mount "$@" ;;
    sudo) sudo -E env "HOME=$HOME" unshare --mount "$@" ;;
  esac
}

# go_inside COMMAND...: becomes COMMAND inside the root, as the user who called.
go_inside() {
  local enter=("$PROJECT/build-aux/enter-root" "$ROOT" "$CACHE/view") ids=$EUID:${GROUPS[0]}
  export GIVERNY_INSIDE=$WAY
  unset LD_LIBRARY_PATH LD_PRELOAD PYTHONHOME PYTHONPATH XDG_DATA_DIRS GI_TYPELIB_PATH
  if [[ ! -d $ROOT/usr/lib/locale/${LANG/UTF-8/utf8} && ! ${LANG:-C} =~ ^(C|POSIX) ]]; then
    export LANG=C.UTF-8
  fi
  if ((EUID == 0)); then
    exec unshare --mount "${enter[@]}" root "$PROJECT" "$@"
  elif [[ $ENTRY == namespaces ]]; then
    exec unshare --user --map-root-user --mount "${enter[@]}" "$ids" "$PROJECT" "$@"
  else
    exec sudo -E env "HOME=$HOME" unshare --mount "${enter[@]}" "$ids:$(id -G | tr ' ' ,)" "$PROJECT" "$@"
  fi
}

# Packages that an interrupted attempt had downloaded already are kept for this one.
save_downloads() {
  local partial=$ROOT.partial
  mkdir -p "$CACHE/packages"
  [[ -e $partial ]] || return 0
  if grep -q " $partial/" /proc/self/mountinfo; then
    die "something is mounted below '$partial'; please unmount it"
  fi
  # shellcheck disable=SC2016 # expands in the inner shell
  as_admin sh -c 'find "$1/var/cache/apt/archives" -maxdepth 1 -name "*.deb" -exec mv -t "$2" {} +
    rm -rf --one-file-system "$1"' sh "$partial" "$CACHE/packages" 2>>"$log" || true
}

make_root() {
  local partial=$ROOT.partial free options=()
  free=$(df --output=avail -k "$CACHE" | tail -n 1)
  ((free > 3000000)) || die "'$CACHE' has only $((free / 1024)) MB free, and the Debian root needs 3000"
  say "Making a Debian 13 root in $ROOT: once, about two minutes, under 2 GB."
  write_sources "$CACHE/sources.list"
  mapfile -t options < <(apt_options)
  # shellcheck disable=SC2016 # expands in mmdebstrap's shell
  PACKAGES=$CACHE/packages as_admin mmdebstrap --mode=root --variant=minbase "${options[@]}" \
    --include="$(root_packages "$CACHE/sources.list")" --skip=download/empty \
    --dpkgopt=force-unsafe-io --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
    --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/info/*' \
    --setup-hook='mkdir -p "$1/var/cache/apt/archives"
      find "$PACKAGES" -name "*.deb" -exec cp -t "$1/var/cache/apt/archives" {} +' \
    trixie "$partial" "$CACHE/sources.list" > >(tee -a "$log" | sed -un '/: running --/d; s/^I: /  /p' >&2) 2>&1 ||
    log_and_die "mmdebstrap could not make the root"
  mv "$partial" "$ROOT"
  rm -rf "$CACHE/packages"
}

# Installs what this list of packages has and the root has not.
complete_root() {
  local missing
  # shellcheck disable=SC2016 # expands in the inner shell
  missing=$(in_root sh -c 'for name; do dpkg --status "$name" >/dev/null 2>&1 || echo "$name"; done' sh "${DEBIAN[@]}")
  [[ -n $missing ]] || return 0
  say "Installing in the Debian 13 root: ${missing//$'\n'/ }"
  # shellcheck disable=SC2016,SC2086 # expands in the inner shell; one word a package
  in_root sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get update -q && apt-get install -qy --no-install-recommends "$@"' sh $missing >>"$log" 2>&1 ||
    log_and_die "the packages could not be installed in the root"
}

# in_root COMMAND...: as the root's own root, to install.
in_root() {
  as_admin "$PROJECT/build-aux/enter-root" "$ROOT" "$CACHE/view" admin "$PROJECT" "$@"
}

# The host's own certificates, as of a company's proxy; its /usr and /etc are not seen inside.
copy_certificates() {
  mkdir -p "$CACHE/certificates"
  find /usr/local/share/ca-certificates /etc/pki/ca-trust/source/anchors -type f \
    \( -name '*.crt' -o -name '*.pem' \) -exec cp -t "$CACHE/certificates" {} + 2>/dev/null || true
}

# The software Vulkan driver of the backports is much newer than Debian 13's own.
root_packages() {
  if grep -q trixie-backports "$1"; then
    echo "${DEBIAN[@]/%mesa-vulkan-drivers/mesa-vulkan-drivers/trixie-backports}"
  else
    echo "${DEBIAN[@]}"
  fi
}

# The proxies and such that this system's apt uses.
apt_options() {
  type -P apt-config >/dev/null || return 0
  apt-config dump | sed -n '/Auto-Detect\|User-Agent/d
    s/^\(Acquire::\(https\?::\|Check-\|Retries\|ForceIPv\|Max-\).*\)/--aptopt=\1/p'
}

# write_sources FILE: the mirrors of this system's apt where it has Debian's, or else Debian's own.
write_sources() {
  local known=() uri mirror='' security='' suite signed=/usr/share/keyrings/debian-archive-keyring.gpg
  if type -P apt-get >/dev/null; then
    # shellcheck disable=SC2016 # apt's own variable
    mapfile -t known < <(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 2>>"$log" | sort -u)
  fi
  for uri in "${known[@]}" http://deb.debian.org/debian/; do
    case $uri in
      http*/debian-security/) security=${security:-$uri} ;;
      http*/ubuntu/) uri=${uri%ubuntu/}debian/ ;&
      http*/debian/) [[ -n $mirror ]] || ! reachable "$uri" trixie || mirror=$uri ;;
    esac
  done
  [[ -n $mirror ]] || die "no Debian mirror can be reached; is there a network, or a proxy to be set in http_proxy?"

  echo "deb [signed-by=$signed] $mirror trixie main" >"$1"
  for suite in trixie-updates trixie-backports; do
    if reachable "$mirror" $suite; then echo "deb [signed-by=$signed] $mirror $suite main" >>"$1"; fi
  done
  for uri in $security "${mirror%debian/}debian-security/" http://deb.debian.org/debian-security/; do
    if reachable "$uri" trixie-security; then
      echo "deb [signed-by=$signed] $uri trixie-security main" >>"$1"
      break
    fi
  done
}

# reachable URI SUITE: whether the mirror has the suite, asked by apt's own ways (proxies, certificates).
reachable() {
  local release=${1}dists/$2/InRelease helper=/usr/lib/apt/apt-helper
  if [[ -x $helper ]]; then
    timeout 30 $helper download-file "$release" "$CACHE/InRelease"
  elif type -P curl >/dev/null; then
    curl -fsSL --max-time 30 -o "$CACHE/InRelease" "$release"
  else
    wget -q --timeout=30 -O "$CACHE/InRelease" "$release"
  fi >>"$log" 2>&1 </dev/null
}
