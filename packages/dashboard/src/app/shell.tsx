import { ActionIcon, Avatar, Group, Menu, Text, Tooltip, UnstyledButton, useMantineColorScheme } from '@mantine/core';
import {
  IconAntenna,
  IconCpu,
  IconCube,
  IconDatabase,
  IconDeviceDesktop,
  IconFlask,
  IconLogout,
  IconMoon,
  IconRefresh,
  IconStack2,
  IconSun,
  type TablerIcon,
} from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { currentUser, signOut } from '../api/session.ts';
import { Mark } from './mark.tsx';
import styles from './shell.module.css';

type PagePath = '/' | '/experiments' | '/models' | '/datasets' | '/queues' | '/workers' | '/ran';

const PAGES: readonly { to: PagePath; label: string; icon: TablerIcon }[] = [
  { to: '/', label: 'Loop', icon: IconRefresh },
  { to: '/experiments', label: 'Experiments', icon: IconFlask },
  { to: '/models', label: 'Models', icon: IconCube },
  { to: '/datasets', label: 'Datasets', icon: IconDatabase },
  { to: '/queues', label: 'Queues', icon: IconStack2 },
  { to: '/workers', label: 'Workers', icon: IconCpu },
  { to: '/ran', label: 'RAN', icon: IconAntenna },
];

export function Shell() {
  return (
    <div className={styles['shell']}>
      <a className="rl-skip" href="#main">
        Skip to the page
      </a>
      <nav className={styles['nav']} aria-label="Main">
        <Link to="/" className={styles['brand']} aria-label="Ranloop, start">
          <Mark size={28} />
          <span className={styles['word']}>Ranloop</span>
        </Link>
        {PAGES.map(({ to, label, icon: Icon }) => (
          <Link
            key={to}
            to={to}
            className={styles['item']}
            activeOptions={{ exact: to === '/', includeSearch: false }}
            activeProps={{ 'data-active': true }}
            title={label}
          >
            <Icon size={20} stroke={1.7} aria-hidden />
            <span className={styles['word']}>{label}</span>
          </Link>
        ))}
        <div className={styles['foot']}>
          <SchemeToggle />
          <UserMenu />
        </div>
      </nav>
      <main id="main" className={styles['main']} tabIndex={-1}>
        <Outlet />
      </main>
    </div>
  );
}

const SCHEMES = { auto: 'light', light: 'dark', dark: 'auto' } as const;
const SCHEME_ICONS = { auto: IconDeviceDesktop, light: IconSun, dark: IconMoon } as const;
const SCHEME_NAMES = { auto: 'as the system', light: 'light', dark: 'dark' } as const;

function SchemeToggle() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Icon = SCHEME_ICONS[colorScheme];
  const label = `Colours: ${SCHEME_NAMES[colorScheme]}. Change to ${SCHEME_NAMES[SCHEMES[colorScheme]]}`;
  return (
    <Tooltip label={label} position="right">
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={label}
        onClick={() => setColorScheme(SCHEMES[colorScheme])}
      >
        <Icon size={20} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}

function UserMenu() {
  const user = useQuery({ queryKey: ['user'], queryFn: ({ signal }) => currentUser(signal), staleTime: 300_000 });
  const queries = useQueryClient();
  const navigate = useNavigate();
  const leave = async () => {
    await signOut();
    queries.clear();
    await navigate({ to: '/login' });
  };
  return (
    <Menu position="right-end" width={200}>
      <Menu.Target>
        <UnstyledButton className={styles['user']} aria-label="Account">
          <Group gap={8} wrap="nowrap">
            <Avatar size={28} color="sea" name={user.data?.name ?? ''} radius="xl" />
            <Text size="sm" truncate className={styles['word'] ?? ''}>
              {user.data?.name ?? ''}
            </Text>
          </Group>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{user.data ? `${user.data.name} (${user.data.role})` : 'Not known'}</Menu.Label>
        <Menu.Item leftSection={<IconLogout size={16} />} onClick={() => void leave()}>
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
