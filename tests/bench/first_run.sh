#!/bin/sh
# The shortest way by hand to what a first run makes: a CA, a certificate, nginx in front of a
# registry that answers nobody else, with a login, both services at work and back if they die, and a
# timer that looks at the certificate. The packages are there already.
set -eu
name=docker.benet.com ip=$1
etc=/etc/registry-wizard
mkdir -p $etc/pki $etc/front /opt/data/registry "/etc/docker/certs.d/$name"
chmod 700 $etc/pki $etc/front
cd $etc/pki

openssl ecparam -genkey -name prime256v1 -noout -out ca.key
openssl req -x509 -new -key ca.key -days 3650 -subj "/CN=$name CA" -out ca.crt \
    -addext "keyUsage = critical, keyCertSign, cRLSign" \
    -addext "nameConstraints = critical, permitted;DNS:$name, permitted;IP:$ip/255.255.255.255"
openssl ecparam -genkey -name prime256v1 -noout -out server.key
openssl req -new -key server.key -subj "/CN=$name" -out server.csr
printf 'subjectAltName = DNS:%s, IP:%s\nextendedKeyUsage = serverAuth\n' "$name" "$ip" > extensions
openssl x509 -req -in server.csr -CA ca.crt -CAkey ca.key -days 199 -extfile extensions \
    -CAcreateserial -out server.crt 2> /dev/null
chmod 400 ca.key
chmod 600 server.key
cp ca.crt "/etc/docker/certs.d/$name/ca.crt"

openssl rand -base64 16 > $etc/admin.password
chmod 600 $etc/admin.password
htpasswd -i -n -B -C 10 admin < $etc/admin.password > $etc/htpasswd
chown root:www-data $etc/htpasswd
chmod 640 $etc/htpasswd

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3650 \
    -subj /CN=registry -addext subjectAltName=DNS:registry -keyout pair.key -out pair.crt 2> /dev/null
cat pair.key pair.crt > $etc/between.pem
rm pair.key pair.crt
cp $etc/between.pem $etc/front/between.pem
chown root:docker-registry $etc/between.pem
chmod 640 $etc/between.pem

chown docker-registry:www-data /opt/data/registry
chmod 750 /opt/data/registry
cat > /etc/docker/registry/config.yml <<END
version: 0.1
storage:
  filesystem: {rootdirectory: /opt/data/registry}
  delete: {enabled: true}
http:
  addr: "127.0.0.1:5000"
  secret: $(openssl rand -hex 16)
  relativeurls: true
  tls:
    certificate: $etc/between.pem
    key: $etc/between.pem
    clientcas: [$etc/between.pem]
END

rm -f /etc/nginx/sites-enabled/default
cat > /etc/nginx/conf.d/registry.conf <<END
server {
    listen 80;
    server_name $name $ip;
    return 308 https://$name\$request_uri;
}
server {
    listen 443 ssl;
    server_name $name $ip;
    ssl_certificate $etc/pki/server.crt;
    ssl_certificate_key $etc/pki/server.key;
    ssl_protocols TLSv1.2 TLSv1.3;
    client_max_body_size 0;
    location /v2/ {
        auth_basic registry;
        auth_basic_user_file $etc/htpasswd;
        proxy_set_header Authorization "";
        proxy_pass https://127.0.0.1:5000;
        proxy_ssl_certificate $etc/front/between.pem;
        proxy_ssl_certificate_key $etc/front/between.pem;
        proxy_ssl_trusted_certificate $etc/front/between.pem;
        proxy_ssl_verify on;
        proxy_ssl_name registry;
        proxy_http_version 1.1;
        proxy_set_header Host \$http_host;
        proxy_set_header X-Forwarded-Proto \$scheme;
        proxy_request_buffering off;
        proxy_buffering off;
        proxy_read_timeout 900s;
    }
}
END

echo "$ip $name" >> /etc/hosts

cd /etc/systemd/system
for service in docker-registry nginx; do
    mkdir -p $service.service.d
    printf '[Service]\nRestart=on-failure\nRestartSec=2\n' > $service.service.d/again.conf
done
cat > renew.service <<END
[Service]
Type=oneshot
ExecStart=openssl x509 -checkend 5731200 -noout -in $etc/pki/server.crt
END
cat > renew.timer <<END
[Timer]
OnCalendar=daily
RandomizedDelaySec=6h
Persistent=true
[Install]
WantedBy=timers.target
END
systemctl daemon-reload
systemctl enable --quiet --now renew.timer
systemctl enable --quiet docker-registry nginx
systemctl restart docker-registry
nginx -q -t
systemctl restart nginx
for port in 5000 443; do
    until ss -Hltn "sport = :$port" | grep -q .; do sleep 0.05; done
done
