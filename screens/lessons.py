"""What F1 and `?` teach about each question: a paragraph that a first-time admin learns from."""

from __future__ import annotations

from screens.words import _

LESSONS: dict[str, str] = {
    "registry.hostname": _(
        "The name that clients type in front of every image, as in docker.benet.com/app:1. It"
        " goes into the certificate, into nginx and into each image's reference, so changing it"
        " later means tagging images anew and a visit to every client. From each client it must"
        " lead to this machine, by DNS or by a line in the client's hosts file. It needs a dot or"
        " must be an IP address: Docker takes registry/app for an image on Docker Hub. Choose a"
        " name in a domain of yours; where you own none, one that ends in .internal is reserved"
        " for private use. `hostname -f` shows what this machine calls itself, `getent ahosts"
        " NAME` where a name leads."
    ),
    "registry.ip": _(
        "The address at which clients reach this machine. It goes into the certificate beside the"
        " name, and into this machine's own hosts file where the name leads elsewhere (Debian"
        " likes to put it on 127.0.1.1, and Docker verifies no certificate on loopback). It must"
        " be one that this machine has and keeps: a fixed address, or one reserved in DHCP. If it"
        " changes, clients reach nothing, and those that use the address itself are told that the"
        " certificate is not for it. On a machine in several networks choose the one that the"
        " clients are in. `ip address` lists them all."
    ),
    "registry.https_port": _(
        "The port on which nginx speaks HTTPS. With 443 clients write the bare name. Any other"
        " port becomes part of every image's name, as in docker.benet.com:8443/app, and of the"
        " folder in which a client looks for the CA,"
        " /etc/docker/certs.d/docker.benet.com:8443; a folder without the port is not looked at"
        " then. Take another port only where a program that is not nginx holds 443: one nginx"
        " serves many names on one port. 5000 is the registry's own, on loopback, and cannot be"
        " taken. A firewall must let the port through. `ss -ltnp` shows who listens where."
    ),
    "registry.http_redirect": _(
        "Whether nginx answers plain http:// on port 80 with a redirect to https://. It is for"
        " people who type the bare name into a browser. Docker does not need it: it speaks HTTPS"
        " to the registry from the first byte. Nothing is served without encryption either way."
        " The redirect is set up only where port 80 is free or already nginx's; where another"
        " program holds it, the wizard leaves it alone and says so. Say no where a firewall or a"
        " rule of your house wants port 80 closed."
    ),
    "certificate.alt_names": _(
        "Further DNS names and IP addresses under which clients will use this registry. A client"
        " compares what was typed with the list in the certificate and with nothing else; where"
        " it is missing, each login, push and pull fails with `x509: certificate is valid for A,"
        " not B`. The hostname and the address are on the list anyway, so"
        " this is for aliases, a second network, or the outside address of a router that forwards"
        " to here. A name added later gets a new certificate by itself, but only if the CA may"
        " sign for it. Below you can try a name before you go on."
    ),
    "certificate.common_name": _(
        "The CN in the server certificate's subject: a label for people who look at the"
        " certificate. Docker and all else that is written in Go look at the alternative names"
        " only, so a name that stands here and not among those is refused; curl may still take"
        " it, which is why a test with curl alone proves nothing. Left empty"
        " it is the hostname, which is right. It has room for 64 characters. A registry that has"
        " only addresses and no name gets no CN at all, because OpenSSL and GnuTLS would take it"
        " for a DNS name that this CA may not sign for."
    ),
    "certificate.days": _(
        "How long the server certificate is valid. Once it has ended, every login, push and pull"
        " fails with `x509: certificate has expired or is not yet valid`. A short life limits"
        " what a stolen key is good for, since no registry client asks for revocations. Running"
        " the wizard again renews the certificate once less than a third of its life is left;"
        " clients notice nothing, for they trust the CA, which lives ten years. 199 days is a"
        " good choice; Apple's systems refuse more than 825. It never outlives the CA."
        " `registry-wizard status` tells how many days are left."
    ),
    "authority.permitted": _(
        "Whoever steals the key of a CA can pose as any site to all machines that trust it. This"
        " CA is therefore limited (name constraints): it can sign for the registry's names and"
        " addresses, and for what you add here, and clients refuse all else. A domain covers all"
        " names below it; write it without a leading dot. The limit cannot be changed once the CA"
        " is made: a name outside it means a new CA and a visit to every client. So add the"
        " domain you own, and the network within which this server may move; leave it empty where"
        " name and address will stay."
    ),
    "authority.common_name": _(
        "The name under which the CA appears in certificate lists, browsers and error messages."
        " Left empty, it is made of the hostname, the date and a part of the key's identifier, so"
        " that no two are alike. That matters: where an old and a new CA have one name, a client"
        " that has the old one tries it and reports a wrong signature instead of a missing CA."
        " With a name of your own, the key's identifier is put beside it for the same reason. It"
        " has room for 64 characters and counts only when the CA is made; one that is there"
        " already keeps its name."
    ),
    "authority.organization": _(
        "The organization (O) in the CA's name. It tells the people who find this CA on their"
        " machine, perhaps years from now, whose it is. No program looks at it: it changes nothing"
        " about what is trusted, and nobody checks that it is true. Left empty it says"
        " registry-wizard. Write the name of your company, department or house, in 64 characters"
        " at most. Like the CA's name it counts only when the CA is made; a CA that is there"
        " already, or that you bring, keeps the one it has."
    ),
    "authority.certificate": _(
        "The path of a CA certificate that you have already, on this machine, as a PEM file (it"
        " begins with -----BEGIN CERTIFICATE-----). Bring one where your clients trust a company"
        " CA already: then none of them needs a visit. An intermediate is better than the root;"
        " put who signed it behind it in the same file. It must be a CA in date (CA:TRUE,"
        " keyCertSign), with an RSA or ECDSA key, allowed to sign for the registry's names. The"
        " survey says all that is wrong with it before anything is touched. Leave this and its key"
        " empty to have a CA made, which is right where you have none."
    ),
    "authority.key": _(
        "The path of the private key that belongs to that CA, a PEM file without a passphrase. The"
        " wizard signs the server certificate with it, and keeps a copy in"
        " /etc/registry-wizard/pki/ca.key, readable by root alone, to renew the certificate"
        " later. So whoever becomes root on this server can sign with that CA: think twice before"
        " you bring the root of a whole company, and prefer an intermediate that may sign for"
        " little. Give the path, never the key's text. To take a passphrase off:"
        " `openssl pkey -in old.key -out new.key`."
    ),
    "registry.storage": _(
        "The folder in which all images lie. Choose it on a disk with room to grow: each layer is"
        " kept once, compressed, but every version of every image adds some, and when the disk is"
        " full pushes fail. `df -h` shows the free space. It should hold nothing else, since it"
        " belongs to the user that the registry runs as. It need not exist; one that holds a"
        " registry's images already is taken over if they belong to that user. Undo never removes"
        " images. To move it later, copy the folder with its owners, then change this answer: the"
        " wizard itself does not move images."
    ),
    "registry.delete": _(
        "Whether images can be deleted through the registry's API. Deleting takes an image out of"
        " the registry, but the bytes stay on the disk until the registry's garbage collector has"
        " run, for which the registry must be stopped: blobs that it remembers while they are"
        " swept away would be handed out empty. Without this the API answers 405 and a registry"
        " can only grow. Say no where what was once pushed must stay, such as releases. It can be"
        " changed at any time by running the wizard again; images stay as they are."
    ),
    "registry.runtime": _(
        "How the registry runs on this machine. package is the distribution's own docker-registry,"
        " a service like any other: it comes with the system's updates and needs no Docker, but is"
        " often older (Debian 12 has 2.8, where 3.1 is current). container is the registry's"
        " official image on Docker Engine: the release you name, which nobody updates but you."
        " Either listens on loopback only, behind nginx, and comes back after a restart. auto stays"
        " with what is here already; on a new machine it takes a container where an engine runs and"
        " the image can be had, and the package where not. `docker version` shows whether an engine"
        " runs."
    ),
    "registry.image": _(
        "The image that the container is made from, as it would stand behind `docker pull`. Name"
        " one release, such as registry:3.1.1, or a digest (@sha256:...): what is called latest"
        " today is another program tomorrow, so the same answers would give another registry. Take"
        " a current one: 3.1.1 closed a hole by which tags could be deleted where deleting is off,"
        " and 2.8 gets no more fixes. It comes from Docker Hub unless another registry stands in"
        " front, as in mirror.example.com/library/registry:3.1.1. `docker pull"
        " registry:3.1.1` shows whether it can be had from here."
    ),
    "registry.image_archive": _(
        "The registry's image as a file, for a machine that cannot reach Docker Hub, or should not."
        " Make it on one that can: `docker pull registry:3.1.1`, then `docker save -o"
        " registry-3.1.1.tar registry:3.1.1`, for the same processor (`uname -m` on both; with"
        " another one it ends with exec format error). Copy it here, best with its sha256sum, since"
        " a copy that broke off cannot be loaded. Give the whole path on this machine. What the"
        " image is called is read from the file, so the image above is not pulled then. Leave it"
        " empty to pull."
    ),
    "proxy.install": _(
        "Where nginx comes from. package is right for nearly everybody: the distribution builds it,"
        " keeps it safe with the system's updates, and other sites on this machine share it. source"
        " builds the archive that you give, as hand-made installations often do: the version you"
        " want, in a folder and with a service of its own. It needs a compiler and libraries, which"
        " are installed for that, and a minute of building. From then on nobody tells you of a hole"
        " in it: you give a newer archive and run the wizard again. `nginx -V` shows the version"
        " that is here, and how it was built."
    ),
    "proxy.source_archive": _(
        "The path of nginx's source on this machine, as nginx.org has it: a file such as"
        " nginx-1.30.0.tar.gz with one folder in it. Nothing is fetched, so a server without a way"
        " out can be set up. Download it over https:// from nginx.org/download on any machine,"
        " check it there with the signature beside it (the .asc file, with `gpg --verify`), and"
        " copy it here. Take a stable release (an even second number), and the newest: a hole that"
        " is mended in a later one stays open in yours. A distribution's archive of the same"
        " version lacks the patches that the distribution adds. `tar -tzf FILE` lists what is in"
        " it."
    ),
    "proxy.source_sha256": _(
        "The checksum that the archive must have. What is built from it will run as root and hold"
        " the registry's key, so a file that was cut off or exchanged on its way must not be built;"
        " with another sum the wizard builds nothing. Take the sum where you"
        " checked the signature (`sha256sum nginx-1.30.0.tar.gz` prints it) or from somebody you"
        " trust, not from the copy on this machine: a sum made of the file itself always fits it"
        " and proves nothing. Left empty, nothing is compared."
    ),
    "proxy.prefix": _(
        "The folder in which the built nginx lives: its program, settings, logs and modules, as"
        " `./configure --prefix` means it. It should be one that nothing else uses, so that undo"
        " can take it away whole. It may not lie in /usr or another folder of the system: the"
        " package of the same name would write over it, or the other way round. A new folder in"
        " /opt or /usr/local is the custom. It need not exist, and the built nginx takes about 5 MB"
        " there. The path is compiled in, so a folder that is moved later no longer works:"
        " change this answer and run the wizard again."
    ),
    "access.anonymous_pull": _(
        "With it anybody who reaches the registry can pull images without a login, and see which"
        " there are. That is convenient for many machines in a network of your own, since none of"
        " them needs a password. But images often hold more than one thinks, source code and keys"
        " among it, so leave it off where others share the network. Pushing and deleting take the"
        " login of somebody who may push in any case. Clients that log in nevertheless are treated"
        " as who they are."
    ),
    "access.push_from": _(
        "The addresses and networks from which images may be pushed and deleted, separated by"
        " blanks or commas, such as the one build server's. A push from elsewhere is refused with a"
        " sentence, even with the right password, while pulling works from everywhere. Left empty,"
        " pushes are taken from anywhere. What counts is the address that the server sees, which"
        " behind a router or a VPN may be another one than the machine's own; the refusal names it."
        " This server's own checks push in any case."
    ),
    "users.name": _(
        "The name with which somebody logs in: `docker login -u NAME`. It is an account of the"
        " registry alone and has nothing to do with the users of this machine. Give each person"
        " and each build server a name of its own, so that one can be taken out without a new"
        " password for all. A colon and blanks cannot be in it, since HTTP and the password file"
        " separate fields with them. registry-wizard is taken: with it the wizard logs in for its"
        " own checks. Without any user, admin is made, with a generated password."
    ),
    "users.role": _(
        "What a user may. push is for whoever builds images: it means to push, to pull and to"
        " delete, everywhere in the registry. pull is for machines that only run images; where such"
        " a login gets into wrong hands, nobody can put another image in place of yours with it."
        " nginx decides by it at each request, and a push without the right is refused with a"
        " sentence. Whoever was put into the password file by hand may pull. It can be changed at"
        " any time: `registry-wizard users add NAME --role pull`."
    ),
    "users.password": _(
        "The password for this name, typed twice and not shown. At once only its bcrypt hash is"
        " kept, the one kind that the registry knows; nobody can read the password out of it, so"
        " note it down now. bcrypt looks at 72 bytes at most, and longer ones are refused rather"
        " than cut. Left empty, a random one with 128 bits is made and shown once, which is best"
        " for machines. People log in by `docker login`, which asks for it; mind that Docker then"
        " keeps it in ~/.docker/config.json, not encrypted unless a credential helper is set up."
    ),
    "clients.host": _(
        "A machine that is to push to this registry or pull from it. It is reached by SSH, as root"
        " on this server would reach it: by an address, a DNS name, or a name in /root/.ssh/config,"
        " with the keys, the agent and the jump hosts that are there. What pulls images on it is"
        " found, and the CA is put where each of those programs looks; nothing else is changed"
        " there, and undo takes it back. A machine that nobody reaches stops no other. To put"
        " root's key on one: `ssh-copy-id root@MACHINE`. One that cannot be reached by SSH can be"
        " set up on its own console, by this same program as a client."
    ),
    "clients.host_key": _(
        "The fingerprint of the SSH host key that the machine must show. Without it, ssh's own list"
        " of known hosts decides; a key that is on no list is shown, to be compared and kept here."
        " It is what tells the machine from somebody in between, who could otherwise be handed"
        " commands that run as root. Compare it on the machine's own console, never over the same"
        " network: `cat /etc/ssh/ssh_host_*_key.pub | ssh-keygen -lf -` prints one line for each of"
        " its keys, and any one of them is right."
    ),
    "client.ca_certificate": _(
        "The path of the registry's CA certificate on this machine, as a PEM file (it begins with"
        " -----BEGIN CERTIFICATE-----). On the server it is /etc/registry-wizard/pki/ca.crt; copy"
        " it here by a way that you trust, such as `scp root@SERVER:/etc/registry-wizard/pki/ca.crt"
        " /root/`, and no fingerprint is needed: you brought it yourself. Take the CA's"
        " certificate, not the server's own, which changes every few months. It is copied to where"
        " Docker and the others look, so the file may be removed afterwards. Left empty, the CA is"
        " fetched from the registry."
    ),
    "client.ca_fingerprint": _(
        "The SHA-256 of the CA's certificate: 64 hexadecimal digits, with or without colons. With"
        " it the CA can be fetched from the registry itself over a connection that nobody trusts"
        " yet, because what comes is compared with it. On the server `registry-wizard status` shows"
        " it as ca_fingerprint. Take it from there or from somebody you trust, by telephone if need"
        " be. Without a file and without this, the CA is fetched and shown to you: trust on first"
        " use, which is as good as your comparing of the two. Whoever is in between at that moment"
        " could hand you a CA of their own."
    ),
    "client.trust": _(
        "What on this machine is to trust the registry, separated by blanks or commas: docker,"
        " podman (with buildah and skopeo), containerd, k3s, rke2, system. Each of them looks for"
        " CAs in another place, and only the system's own store counts for curl and browsers, so"
        " the CA is put into each place by itself. Left empty, it is everything that is found here,"
        " which is right on nearly every machine. Name something that is not installed yet to have"
        " it ready for that day. Of these only containerd under a kubelet, k3s and rke2 need a"
        " restart, and the review says so."
    ),
}
# The same questions on a machine that is a client: the registry is another machine there.
ON_A_CLIENT: dict[str, str] = {
    "registry.hostname": _(
        "The name that stands in front of the registry's images, as in docker.benet.com/app:1, or"
        " its IP address. It must be one of those in the registry's certificate, letter by letter:"
        " Docker looks for the CA in a folder of that name, and compares the name with the"
        " certificate's list. From this machine it must lead to the registry, by DNS or by a line"
        " in the hosts file, which is written if you answer the address below. Ask the registry's"
        " admin, or look at the server: `registry-wizard status` shows its address there."
        " `getent ahosts NAME` shows where a name leads from here."
    ),
    "registry.ip": _(
        "The address of the registry, as it is reached from this machine. Answer it where DNS does"
        " not know the registry's name: a marked line in this machine's hosts file then makes the"
        " name lead there, and undo takes that line out. Leave it empty where the name leads to the"
        " registry already, since a line in the hosts file hides what DNS says from then on, also"
        " when the registry moves one day. It should not be a loopback address (127.0.0.1): Docker"
        " verifies no certificate there. `getent ahosts NAME` shows where the name leads now."
    ),
    "registry.https_port": _(
        "The port on which the registry answers by HTTPS. With 443 images are called by the bare"
        " name; any other port is part of every image's name, as in docker.benet.com:8443/app:1,"
        " and of the folder in which Docker looks for the CA. So it must be the one that the images"
        " are called by: with another one here the CA lies in a folder that nobody looks at, and a"
        " pull fails with `x509: certificate signed by unknown authority`. The registry's admin"
        " knows it, and `registry-wizard status` shows it on the server, in the address."
    ),
    "certificate.alt_names": _(
        "Further names or addresses under which this machine will use the same registry, such as an"
        " alias. Docker looks for the CA in a folder for each name by itself, so a name that is"
        " missing here fails with `x509: certificate signed by unknown authority`, although the"
        " main name works. Each must be in the registry's certificate, too, which its admin decides"
        " about: trusting the CA here does not put a name there. Most machines use one name alone;"
        " then leave this empty. You can add names later by running the wizard again."
    ),
}


def lesson(key: str, role: str = "server") -> str:
    """Give the paragraph about a question, on a machine that has this role."""
    return (ON_A_CLIENT.get(key, "") if role == "client" else "") or LESSONS[key]
